# frozen_string_literal: true

require "inotify_rs/rails"

RSpec.describe Inotify::FileUpdateChecker, "on a file system that others change" do
  before do
    needs_shares
    make_dirs
  end

  def make_dirs = %w[src/app src/lib mnt].each { |name| FileUtils.mkdir_p(File.join(dir, name)) }

  def sharing(script)
    File.write(File.join(dir, "src/app/a.rb"), "")
    File.write(File.join(dir, "src/lib/b.rb"), "")
    ruby_mounting(<<~RUBY)
      require "inotify_rs/rails"
      #{Shares::PRELUDE}
      share(path("src"), path("mnt"))
      #{script}
    RUBY
  end

  it "scans at each check" do
    expect(sharing(<<~RUBY)).to eq %w[false true false true true]
      checker = Inotify::FileUpdateChecker.new([path("mnt/lib/b.rb")], { path("mnt/app") => ["rb"] }) {}
      p checker.updated?
      File.write(path("src/app/a.rb"), "1")
      p checker.execute_if_updated, checker.updated?
      File.write(path("src/app/new.rb"), "")
      p checker.execute_if_updated
      File.write(path("src/lib/b.rb"), "1")
      p checker.execute_if_updated
    RUBY
  end
end
