# frozen_string_literal: true

RSpec.describe Inotify, "at the limits of the system" do
  before { skip "needs user namespaces" unless namespaces? }

  # What a ruby says that meets the limit.
  def limited(name, value, script)
    ruby_in_namespace(<<~RUBY).lines(chomp: true)
      File.write("/proc/sys/user/#{name}", "#{value}")
      begin
        #{script}
      rescue SystemCallError => e
        puts e.class, e.class.superclass, e.message, e.errno
      end
    RUBY
  end

  describe "of watches" do
    let(:output) do
      limited("max_inotify_watches", 2, <<~RUBY)
        fd = Inotify.init
        ["/", "/proc", "/proc/self"].each { |path| Inotify.add_watch(fd, path, :delete_self) }
      RUBY
    end

    it "raises WatchLimitReached, which is an Errno::ENOSPC" do
      expect(output.first(2)).to eq %w[Inotify::WatchLimitReached Errno::ENOSPC]
    end

    it "names the path, the sysctl, its value and how to raise it" do
      expect(output[2]).to match(%r{/proc/self.*user\.max_inotify_watches is 2\b.*sysctl user\.max_inotify_watches=\d+})
    end

    it "has the errno of ENOSPC" do
      expect(output[3]).to eq Errno::ENOSPC::Errno.to_s
    end

    it "goes on with the watches there are" do
      expect(limited("max_inotify_watches", 1, <<~'RUBY')).to eq %w[true a]
        dir = Dir.mktmpdir
        fd = Inotify.init
        Inotify.add_watch(fd, dir, :create)
        puts((Inotify.add_watch(fd, "/", :create) rescue $!.is_a?(Errno::ENOSPC)))
        File.write("#{dir}/a", "")
        Inotify.watch(fd) { |event, name| puts name }
        File.delete("#{dir}/a")
        Dir.rmdir(dir)
      RUBY
    end

    it "ends a wait by closing even if no watch is left to wake it with" do
      expect(limited("max_inotify_watches", 0, <<~'RUBY')).to eq %w[Errno::EBADF false]
        fd = Inotify.init
        thread = Thread.new { Inotify.watch(fd) { } rescue $!.class }
        Thread.pass until thread.status == "sleep"
        Inotify.close(fd)
        puts thread.join(180)&.value.inspect, File.symlink?("/proc/self/fd/#{fd}")
      RUBY
    end

    it "ends a wait by closing when the only watch has ended and there is no room for another" do
      expect(ruby_in_namespace(<<~'RUBY')).to eq "Errno::EBADF"
        Dir.mktmpdir do |dir|
          Dir.mkdir("#{dir}/sub")
          fd = Inotify.init
          Inotify.add_watch(fd, "#{dir}/sub", :delete)
          waiter = Thread.new do
            Thread.current.report_on_exception = false
            loop { Inotify.watch(fd) { |event| Dir.rmdir("#{dir}/sub") if event.delete? } }
          end
          Thread.pass until waiter.status == "sleep"
          Dir.mkdir("#{dir}/sub/a") && Dir.rmdir("#{dir}/sub/a")
          Thread.pass while File.exist?("#{dir}/sub")
          Thread.pass until waiter.status == "sleep"
          File.write("/proc/sys/user/max_inotify_watches", "0")
          Inotify.close(fd)
          waiter.join(180)
        rescue SystemCallError => e
          puts e.class
        end
      RUBY
    end
  end

  describe "of instances" do
    let(:output) { limited("max_inotify_instances", 2, "3.times { Inotify.init }") }

    it "raises InstanceLimitReached, which is an Errno::EMFILE" do
      expect(output.first(2)).to eq %w[Inotify::InstanceLimitReached Errno::EMFILE]
    end

    it "names the sysctl, its value and how to raise it" do
      expect(output[2]).to match(/user\.max_inotify_instances is 2\b.*sysctl user\.max_inotify_instances=\d+/)
    end

    it "has the errno of EMFILE" do
      expect(output[3]).to eq Errno::EMFILE::Errno.to_s
    end

    it "makes another once one is closed" do
      expect(limited("max_inotify_instances", 1, <<~RUBY)).to eq ["true"]
        Inotify.close(Inotify.init)
        puts Inotify.init.is_a?(Integer)
      RUBY
    end
  end

  describe "of descriptors" do
    let(:output) do
      ruby(<<~RUBY).lines(chomp: true)
        Process.setrlimit(:NOFILE, 20)
        begin
          loop { Inotify.init }
        rescue SystemCallError => e
          puts e.class, e.message
        end
      RUBY
    end

    it "raises Errno::EMFILE and not InstanceLimitReached" do
      expect(output.first).to eq "Errno::EMFILE"
    end

    it "names the command that raises it" do
      expect(output[1]).to match(/ulimit -n/)
    end
  end
end
