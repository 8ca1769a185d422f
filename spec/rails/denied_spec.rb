# frozen_string_literal: true

require "inotify_rs/rails"

RSpec.describe Inotify::FileUpdateChecker, "where something can't be watched" do
  # What a child in a user namespace prints; of inotify's limits, it may set its own.
  def limited(limit, value, script)
    skip "this system has no user namespaces" unless namespaces?
    ruby_in_namespace(<<~RUBY + script)
      require "inotify_rs/rails"
      def limit(value) = File.write("/proc/sys/user/max_inotify_#{limit}", value.to_s)
      def checker = Inotify::FileUpdateChecker.new([], { "#{dir}/app" => [] }) {}
      limit(#{value})
    RUBY
  end

  before { 40.times { |number| write("app/d#{number}/a.rb") } }

  it "says at the limit of watches what it scans and how to raise it, and notices all" do
    output = limited("watches", 15, <<~RUBY)
      checker = checker()
      covered = Array.new(40) { |number| File.write("#{dir}/app/d\#{number}/a.rb", "") && checker.execute_if_updated }
      puts "covered: \#{covered.count(true)}"
    RUBY
    warning, covered = output.lines(chomp: true)
    expect(warning).to match(%r{ scans #{dir}/app/d\d+, .* more directories at each check, .*max_.*watches})
    expect(covered).to eq "covered: 40"
  end

  it "watches what it scanned when the limit is raised" do
    output = limited("watches", 15, <<~RUBY)
      checker = checker()
      limit(1000)
      p checker.execute_if_updated
      p Array.new(40) { |number| File.write("#{dir}/app/d\#{number}/a.rb", "") && checker.execute_if_updated }.uniq
    RUBY
    expect(output.lines(chomp: true).last(2)).to eq %w[false [true]]
  end

  it "is made where no instance is to be had, says so, and works as soon as there is one" do
    output = limited("instances", 0, <<~RUBY)
      checker = checker()
      p checker.updated?
      limit(10)
      Timeout.timeout(180) { Thread.pass until checker.execute_if_updated }
      p checker.updated?
      File.write("#{dir}/app/d1/a.rb", "")
      p checker.updated?
    RUBY
    warning, *reported = output.lines(chomp: true)
    expect(warning).to match(/does not notice changes in .*max_.*instances/)
    expect(reported).to eq %w[false false true]
  end

  it "says which directory may not be read, goes on, and covers it when it may be" do
    FileUtils.chmod(0o755, [dir, path("app")])
    FileUtils.chmod(0o777, path("app/d1"))
    output = ruby(<<~RUBY)
      require "inotify_rs/rails"
      Process::UID.change_privilege(65_534) if Process.uid.zero?
      Dir.mkdir("#{dir}/app/d1/secret", 0)
      checker = Inotify::FileUpdateChecker.new([], { "#{dir}/app" => [] }) {}
      File.chmod(0o755, "#{dir}/app/d1/secret")
      p checker.execute_if_updated
      File.write("#{dir}/app/d1/secret/a.rb", "")
      p checker.execute_if_updated
    RUBY
    warning, *reported = output.lines(chomp: true)
    expect(warning).to match(%r{does not notice changes in #{dir}/app/d1/secret, .*Permission denied})
    expect(reported).to eq %w[false true]
  end

  # What a child prints that may list app/sub but not search it, after what is in there.
  def where_sub_may_not_be_searched(script)
    FileUtils.chmod(0o755, dir)
    FileUtils.chmod(0o777, path("app"))
    ruby(<<~RUBY).lines(chomp: true)
      require "inotify_rs/rails"
      Process::UID.change_privilege(65_534) if Process.uid.zero?
      Dir.mkdir("#{dir}/app/sub")
      Dir.mkdir("#{dir}/app/sub/deep")
      File.write("#{dir}/app/sub/deep/a.rb", "")
      File.write("#{dir}/app/sub/a.rb", "")
      def checker = Inotify::FileUpdateChecker.new([], { "#{dir}/app" => [] }) {}
      def permit(mode) = File.chmod(mode, "#{dir}/app/sub")
      # Has the queue overflow, without a change that counts.
      def overflow
        (Integer(File.read("#{QueueLimit::PATH}")) + 1).times { |number| File.write("#{dir}/app/.x\#{number % 2}", "") }
      end
      # Until the next attempt.
      def let_a_second_pass = sleep(1.1)
      #{script}
    RUBY
  end

  it "says which directory may not be searched, and covers what is in it when it may be" do
    warning, *reported = where_sub_may_not_be_searched(<<~RUBY)
      permit(0o600)
      checker = checker()
      p checker.execute_if_updated
      let_a_second_pass
      permit(0o700)
      checker.execute_if_updated
      File.write("#{dir}/app/sub/deep/a.rb", "")
      p checker.execute_if_updated
    RUBY
    expect(warning).to match(%r{does not notice changes in #{dir}/app/sub, .*Permission denied})
    expect(reported).to eq %w[false true]
  end

  it "says that something may have changed in a directory that may not be searched after a loss of events, once" do
    warning, *reported = where_sub_may_not_be_searched(<<~RUBY)
      checker = checker()
      permit(0o600)
      checker.execute_if_updated
      overflow
      p checker.execute_if_updated
      3.times { let_a_second_pass && p(checker.execute_if_updated) }
      permit(0o700)
      checker.execute_if_updated
      File.write("#{dir}/app/sub/deep/a.rb", "")
      p checker.execute_if_updated
    RUBY
    expect(warning).to match(%r{does not notice changes in #{dir}/app/sub, .*Permission denied})
    expect(reported).to eq %w[true false false false true]
  end
end
