# frozen_string_literal: true

require "fcntl"

RSpec.describe Inotify, ".init" do
  def status_flags(fd) = IO.for_fd(fd, autoclose: false).fcntl(Fcntl::F_GETFL)
  def descriptor_flags(fd) = IO.for_fd(fd, autoclose: false).fcntl(Fcntl::F_GETFD)

  it "gives the number of an inotify descriptor" do
    expect(File.readlink("/proc/self/fd/#{inotify}")).to eq "anon_inode:inotify"
  end

  it "makes another instance at each call" do
    expect(inotify).not_to eq inotify
  end

  it "makes a blocking descriptor by default" do
    expect(status_flags(inotify) & File::NONBLOCK).to eq 0
  end

  it "makes a non-blocking descriptor with IN_NONBLOCK" do
    expect(status_flags(inotify(Inotify::Flags::IN_NONBLOCK)) & File::NONBLOCK).to eq File::NONBLOCK
  end

  {
    "no flags" => 0,
    "IN_CLOEXEC" => Inotify::Flags::IN_CLOEXEC,
    "IN_NONBLOCK" => Inotify::Flags::IN_NONBLOCK,
    "both flags" => Inotify::Flags::IN_NONBLOCK | Inotify::Flags::IN_CLOEXEC
  }.each do |name, flags|
    it "sets close-on-exec with #{name}" do
      expect(descriptor_flags(inotify(flags)) & Fcntl::FD_CLOEXEC).to eq Fcntl::FD_CLOEXEC
    end
  end

  it "makes a descriptor that a spawned process does not inherit" do
    inotify
    expect(`ls -l /proc/self/fd`).not_to include "anon_inode:inotify"
  end

  [0x1, Inotify::Flags::IN_CREATE, -1, 0x4000_0000].each do |flags|
    it "refuses the unknown flags #{flags} with EINVAL" do
      expect { Inotify.init(flags) }.to raise_error(Errno::EINVAL, /IN_NONBLOCK and IN_CLOEXEC/)
    end
  end

  it "reports which of the flags is unknown" do
    expect { Inotify.init(Inotify::Flags::IN_NONBLOCK | 0x2) }.to raise_error(Errno::EINVAL, /flags 0x2 /)
  end

  [nil, :nonblock, "0", []].each do |flags|
    it "refuses #{flags.inspect} as flags with TypeError" do
      expect { Inotify.init(flags) }.to raise_error(TypeError)
    end
  end

  it "refuses flags that no C int holds with RangeError" do
    expect { Inotify.init(2**40) }.to raise_error(RangeError)
  end

  it "leaves no descriptor open wherever an interrupt strikes" do
    before = DescriptorLeaks.open_descriptors.size
    fd = nil
    left = each_strike do |strike|
      strike.during { fd = Inotify.init }
      DescriptorLeaks.open_descriptors.size - before
    end
    own_descriptor(fd)
    expect(left).to all(be_zero)
  end
end
