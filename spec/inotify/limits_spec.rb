# frozen_string_literal: true

RSpec.describe Inotify, "at the limits" do
  it_behaves_like "at the limits of the system", FrontEnds::Calls

  context "without room for a watch", :user_namespace do
    # The lines that a ruby prints that may have so many watches.
    def limited_to(watches, script)
      ruby_in_namespace(<<~RUBY).lines(chomp: true)
        File.write("/proc/sys/user/max_inotify_watches", "#{watches}")
        #{script}
      RUBY
    end

    it "goes on with the watches there are" do
      expect(limited_to(1, <<~'RUBY')).to eq %w[true a]
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
      expect(limited_to(0, <<~'RUBY')).to eq %w[Errno::EBADF false]
        fd = Inotify.init
        thread = Thread.new { Inotify.watch(fd) { } rescue $!.class }
        Thread.pass until thread.status == "sleep"
        Inotify.close(fd)
        puts thread.join(LIMIT)&.value.inspect, File.symlink?("/proc/self/fd/#{fd}")
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
          waiter.join(LIMIT)
        rescue SystemCallError => e
          puts e.class
        end
      RUBY
    end
  end
end
