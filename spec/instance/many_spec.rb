# frozen_string_literal: true

RSpec.describe Inotify::Instance, "in great numbers", user_namespace: true do
  # All that runs as this user shares its limit of instances: what drops many gets a smaller one.
  let(:few) { 'File.write("/proc/sys/user/max_inotify_instances", "20")' }

  it "leaves no descriptor behind when 10,000 are dropped without close", :slow do
    left = ruby_in_namespace(<<~RUBY)
      #{few}
      # A watch makes the kernel's part of closing a thousand times longer.
      opening = Thread.new do
        10_000.times { |number| Inotify::Instance.new.then { |one| one.add_watch("/", :create) if number % 50 == 0 } }
      end
      opened = opening.value
      3.times { GC.start }
      p opened, inotify_fds.size
    RUBY
    expect(left).to eq "10000\n0"
  end

  it "leaves none behind although watches and events of them are held" do
    left = ruby_in_namespace(<<~RUBY)
      #{few}
      held = Thread.new do
        Array.new(100) do |number|
          instance = Inotify::Instance.new
          watch = instance.add_watch("#{dir}", :create)
          File.write("#{dir}/\#{number}", "")
          [watch, *instance.read]
        end
      end.value
      Thread.new { Array.new(100) { Object.new } }.join
      3.times { GC.start }
      p held.size, inotify_fds.size
    RUBY
    expect(left).to eq "100\n0"
  end

  it "keeps an instance that only its IO holds" do
    io = Thread.new { Inotify::Instance.new.to_io }.value
    3.times { GC.start }
    expect(File.readlink("/proc/self/fd/#{io.fileno}")).to include "anon_inode:inotify"
    io.close
  end

  it "closes descriptors as fast as it opens them" do
    before = DescriptorLeaks.open_descriptors.size
    300.times { Inotify::Instance.open { |instance| instance.add_watch("/", :create) } }
    expect(DescriptorLeaks.open_descriptors.size).to eq before
  end
end
