# frozen_string_literal: true

require "pathname"

RSpec.describe "INotify::Notifier" do
  it "has one descriptor, closed on exec, which #close closes" do
    before = DescriptorLeaks.open_descriptors
    notifier = new_notifier
    expect((DescriptorLeaks.open_descriptors.to_a - before.to_a).map(&:first)).to eq([notifier.fd.to_s])
    expect(notifier.to_io).to be_close_on_exec
    notifier.close
    expect(DescriptorLeaks.open_descriptors).to eq(before)
  end

  it "watches for :excl_unlink, which leaves out what was unlinked" do
    notifier = notifier_of(:modify, :excl_unlink)
    File.open(path, "w") do |file|
      File.delete(path)
      file.write("unseen")
    end
    expect(heard(notifier)).to eq([])
  end

  it "watches for :mask_create, which fails for what is watched" do
    notifier = notifier_of(:create, :mask_create)
    expect { notifier.watch(dir, :delete, :mask_create) }.to raise_error(Errno::EEXIST)
  end

  it "takes paths that are no Strings, and flags that are" do
    notifier = notifier_of("create", of: Pathname(dir))
    touch("a")
    expect(heard(notifier)).to eq([%w[create a]])
  end

  it "names the flags there are when one is unknown" do
    expect { new_notifier.watch(dir, :created) }.to raise_error(ArgumentError, /:created.*:create,/)
  end

  it "names the limit of watches and how to raise it", if: Class.new { extend Children }.namespaces? do
    expect(ruby_in_namespace(<<~RUBY)).to match(/\A(ENOSPC .*max_(user|inotify)_watches.*\n){2}0\z/)
      require "inotify_rs/rb_inotify"
      File.write("/proc/sys/user/max_inotify_watches", "0")
      Dir.mktmpdir do |dir|
        notifier = INotify::Notifier.new
        [[:create], %i[recursive create]].each do |flags|
          notifier.watch(dir, *flags)
        rescue Errno::ENOSPC => e
          puts "ENOSPC " + e.message
        end
        puts File.readlines("/proc/self/fdinfo/\#{notifier.fd}").grep(/inotify wd/).size
      end
    RUBY
  end

  it "hands events over where one has waited by IO.select" do
    notifier = notifier_of(:create)
    touch("a")
    expect(selected?(notifier.to_io)).to be(true)
    notifier.process
    expect([seen.map(&:name), selected?(notifier.to_io)]).to eq([["a"], false])
  end

  it "calls a closed watcher no more, nor for what was read before" do
    notifier = new_notifier
    watcher = notifier.watch(dir, :create) do |event|
      seen << event.name
      watcher.close
    end
    touch("a", "b")
    process_all(notifier)
    expect(seen).to eq(["a"])
  end

  it "is closed twice without harm" do
    notifier = new_notifier
    2.times { notifier.close }
    expect { notifier.process }.to raise_error(IOError)
    expect { notifier.watch(dir, :create) }.to raise_error(IOError)
  end

  it "is inspected in a line" do
    notifier = new_notifier
    watcher = notifier.watch(dir, :create) { |event| seen << event }
    touch("a")
    process_all(notifier)
    expect([notifier, watcher, *seen].map(&:inspect).join(" "))
      .to eq("#<INotify::Notifier fd=#{notifier.fd}> #<INotify::Watcher id=1 #{dir.inspect} [:create]> " \
             "#<INotify::Event wd=1 create name=\"a\">")
  end

  it "is collected with its descriptor when nobody has it" do
    RbInotify.load
    count = -> { DescriptorLeaks.open_descriptors.values.grep(/inotify/).size }
    before = count.call
    # In a thread of its own: the stack that is left may hold the last one for as long as this example runs.
    Thread.new { 20.times { INotify::Notifier.new.watch(dir, :recursive, :create) } }.join
    wait_until { GC.start || count.call <= before }
    expect(count.call).to eq before
  end

  it "is not loaded where rb-inotify is" do
    script = 'module INotify; module Native; end; end; require "inotify_rs/rb_inotify"'
    result = Program.run(*Program.ruby("-I", Children::LIB, "-e", script))
    expect(result.err).to include("rb-inotify is loaded already")
  end
end
