# frozen_string_literal: true

RSpec.describe Inotify, "waiting" do
  # How often the kernel has given the threads of a process a processor.
  def turns(pid) = Tasks.read("schedstat", pid).each_value.sum { |figures| figures.split.last.to_i }

  # What a wait costs that had an event before it, and that lasts for some time.
  {
    "Inotify.watch" => "loop { Inotify.watch(fd) { |event| puts event.name } }",
    "Instance#each" => "instance.each { |event| puts event.name }"
  }.each do |call, loop|
    it "takes no turn of the processor by #{call}, for as long as nothing happens" do
      skip "it takes one each second since Ruby 4.0" if call == "Inotify.watch" && RUBY_VERSION >= "4"
      ruby_running(<<~RUBY) do |pid, output|
        fd = Inotify.init
        Inotify.add_watch(fd, #{dir.inspect}, :create)
        instance = Inotify::Instance.new
        instance.add_watch(#{dir.inspect}, :create)
        puts "ready"
        #{loop}
      RUBY
        output.gets
        touch("a")
        output.gets
        wait_for_process_sleep(pid)
        before = turns(pid)
        sleep 1.5 # Nothing is waited for: this is how long nothing happens.
        expect(turns(pid)).to eq before
      end
    end
  end

  it "is ended by closing at the limit of watches when its only watch has ended" do
    skip "no user namespaces" unless namespaces?
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
