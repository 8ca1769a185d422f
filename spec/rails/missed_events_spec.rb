# frozen_string_literal: true

require "inotify_rs/rails"

RSpec.describe Inotify::FileUpdateChecker, "when it cannot have got every event" do
  before { write("a.rb", "b.txt", "sub/c.rb") }

  # Has the kernel's queue overflow, without a change that counts. It would merge events of one file.
  def overflow
    touch("c.txt")
    files = [path("b.txt"), path("c.txt")].cycle
    (Integer(File.read(QueueLimit::PATH)) + 1).times { |number| File.chmod(0o600 + (number / 2 % 2), files.next) }
  end

  def asking(checker)
    Thread.new { loop { checker.updated? } }.tap { |thread| thread.report_on_exception = false }
  end

  it "reports what an overflow of the kernel's queue swallowed", :slow do
    checker = checker()
    overflow
    write("sub/c.rb", content: "new")
    expect(noticed?(checker)).to be true
    write("sub/c.rb")
    expect(noticed?(checker)).to be true
  end

  it "watches directories whose making an overflow swallowed", :slow do
    checker = checker()
    overflow
    FileUtils.mkdir_p(path("new/deep"))
    noticed?(checker)
    write("new/deep/x.rb")
    expect(noticed?(checker)).to be true
  end

  it "reports nothing when an overflow swallowed nothing that counts", :slow do
    checker = checker()
    let_it_be_past(checker)
    overflow
    expect(noticed?(checker)).to be false
  end

  it "reports to a forked child what changed on a file system whose times have whole seconds" do
    expect(ruby_with_coarse_times(<<~RUBY)).to eq ["true"]
      require "inotify_rs/rails"
      Dir.mkdir("d")
      file = File.open("d/a.rb", "w")
      checker = Inotify::FileUpdateChecker.new([], { "d" => ["rb"] }) {}
      early_in_a_second
      checker.execute_if_updated
      Process.wait(fork { file.syswrite("x") && p(checker.updated?) })
    RUBY
  end

  it "reports what it was reading when it was interrupted" do
    200.times { |number| write("d#{number}/x.rb") }
    checker = checker()
    thread = asking(checker)
    10.times do
      write("d1/x.rb", "new/x.rb")
      thread.raise(IOError)
      expect { thread.value }.to raise_error(IOError)
      expect(noticed?(checker)).to be true
      FileUtils.rm_r(path("new"))
      noticed?(checker)
      thread = asking(checker)
    end
  ensure
    thread.kill.join
  end

  it "leaves nothing locked when threads that ask are killed" do
    checker = checker()
    20.times do |number|
      thread = Thread.new { loop { checker.execute_if_updated } }
      write("x#{number}/a.rb")
      thread.kill.join
    end
    noticed?(checker)
    write("a.rb")
    expect(within { noticed?(checker) }).to be true
  end
end
