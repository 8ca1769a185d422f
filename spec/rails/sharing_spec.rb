# frozen_string_literal: true

require "inotify_rs/rails"

RSpec.describe Inotify::FileUpdateChecker, "beside others" do
  def instances = DescriptorLeaks.open_descriptors.values.grep(/inotify/).size
  def watches = inotify_fds.sum { |fd| kernel_wds(fd).size }

  before { write("a/x.rb", "b/y.rb") }

  it "shares one instance and no thread with all of them" do
    threads = Thread.list
    checkers = Array.new(20) { |number| checker({ path("a") => "rb", path("d#{number}") => "rb" }) }
    expect([instances, Thread.list - threads, Tasks.watching]).to eq [1, [], []]
    write("a/x.rb")
    expect(checkers).to all be_updated
  end

  it "has a change reported to each by itself" do
    first, second = Array.new(2) { checker }
    write("a/x.rb")
    expect([noticed?(first), first.updated?, second.updated?]).to eq [true, false, true]
  end

  it "reports nothing of what others watch" do
    first, second = %w[a b].map { |name| checker({ path(name) => "rb" }) }
    write("a/x.rb")
    expect([first.updated?, second.updated?]).to eq [true, false]
  end

  it "unwatches what only it watched, and leaves what others watch" do
    first = checker({ path("a") => "rb" })
    before = watches
    second = checker({ path("a") => "rb", path("b") => "rb" })
    expect { drop(second) }.to change { watches }.to(before)
    write("a/x.rb")
    expect(first.updated?).to be true
  end

  it "closes the instance with the last of them, and opens another for the next" do
    drop(checker)
    expect(instances).to eq 0
    expect([checker, instances].last).to eq 1
  end

  it "is collected when it is dropped, and its watches go" do
    script = <<~RUBY
      require "inotify_rs/rails"
      def fd = Dir.children("/proc/self/fd").find { |fd| File.readlink("/proc/self/fd/\#{fd}").include?("anon_inode:inotify") }
      def watches = File.foreach("/proc/self/fdinfo/\#{fd}").grep(/\\Ainotify wd:/).size
      kept = Inotify::FileUpdateChecker.new([], { "#{dir}/a" => [] }) {}
      before = watches
      make = -> { 50.times { Inotify::FileUpdateChecker.new([], { "#{dir}/b" => [] }) {} } && nil }
      Thread.new(&make).join
      after = watches
      Timeout.timeout(180) { GC.start until ObjectSpace.each_object(Inotify::FileUpdateChecker).count == 1 }
      p after > before, watches == before, kept.updated?
    RUBY
    expect(ruby(script)).to eq "true\ntrue\nfalse"
  end

  it "is reported to each of many threads that ask at once" do
    checkers = Array.new(8) { checker }
    20.times do
      write("a/x.rb")
      reported = checkers.map { |checker| Thread.new { noticed?(checker) } }.map(&:value)
      expect(reported).to all be true
    end
  end
end
