# frozen_string_literal: true

require "inotify_rs/rails"

# In mount namespaces of their own: nobody else sees what is mounted there.
RSpec.describe Inotify::FileUpdateChecker, "and mounts" do
  before do
    skip "needs mount namespaces" unless mount_namespaces?
    write("in/below/a.rb")
  end

  # What a ruby prints that may mount.
  def mounting(script)
    ruby_mounting(<<~RUBY + script)
      require "inotify_rs/rails"
      def checker(name) = Inotify::FileUpdateChecker.new([], { path(name) => ["rb"] }) {}
      def write(name) = File.write(path(name), "")
    RUBY
  end

  it "tells of an unmount, and goes on with what was below" do
    expect(mounting(<<~RUBY)).to eq %w[true true]
      run("mount", "-t", "tmpfs", "none", "#{path("in/below")}")
      checker = checker("in")
      run("umount", "#{path("in/below")}")
      p checker.execute_if_updated
      write("in/below/a.rb")
      p checker.execute_if_updated
    RUBY
  end

  it "notices changes by another path of a directory that is mounted in several places" do
    expect(mounting(<<~RUBY)).to eq %w[true true]
      Dir.mkdir("#{path("in/again")}")
      run("mount", "--bind", "#{path("in/below")}", "#{path("in/again")}")
      checker = checker("in")
      %w[in/below/a.rb in/again/a.rb].each { |name| write(name) && p(checker.execute_if_updated) }
    RUBY
  end

  it "finishes where a directory is mounted in itself" do
    expect(mounting(<<~RUBY)).to eq %w[true]
      run("mount", "--bind", "#{path("in")}", "#{path("in/below")}")
      checker = checker("in")
      write("in/below/c.rb")
      p checker.execute_if_updated
    RUBY
  end
end
