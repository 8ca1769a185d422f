# frozen_string_literal: true

# The limits of the system: those of inotify, which a user namespace has for itself, and that of descriptors.
RSpec.shared_examples "at the limits of the system" do |front_end|
  # The lines that a ruby prints with `source` under a limit: the class, the kernel's error, the message and whether the
  # errno is the kernel's, of what it raises.
  def limited_by(limit, value, script)
    ruby_in_namespace(<<~RUBY).lines(chomp: true)
      dir = #{dir.dump}
      def limit(name, value) = File.write("/proc/sys/user/max_inotify_\#{name}", value.to_s)
      limit("#{limit}", #{value})
      begin
        #{script}
      rescue SystemCallError => e
        puts e.class, e.class.superclass, e.message, e.errno == e.class.superclass::Errno
      end
    RUBY
  end

  describe "of watches", :user_namespace do
    it "reports WatchLimitReached, which names the path, the sysctl, its value and how to raise it" do
      expect(limited_by("watches", 0, front_end::UNWATCHED)).to match [
        "Inotify::WatchLimitReached", "Errno::ENOSPC",
        /inotify_add_watch .*#{dir}.*user\.max_inotify_watches is 0\b.*sudo sysctl user\.max_inotify_watches=\d/, "true"
      ]
    end

    it "is closed when there is no watch left" do
      expect(limited_by("watches", 1_000, <<~RUBY)).to eq [front_end::CLOSED.name]
        #{front_end::SCRIPT}
        waiting = Thread.new { #{front_end::WAIT} }
        waiting.report_on_exception = false
        Thread.pass until waiting.stop?
        limit("watches", 0)
        #{front_end::CLOSE}
        puts begin waiting.join(LIMIT) rescue $!.class end
      RUBY
    end
  end

  describe "of instances", :user_namespace do
    it "raises InstanceLimitReached, which names the sysctl, its value and how to raise it, and leaves nothing open" do
      script = "begin; #{front_end::SCRIPT}; ensure; p left_after_collections; end"
      expect(limited_by("instances", 0, script)).to match [
        "[0, 0]", "Inotify::InstanceLimitReached", "Errno::EMFILE",
        /user\.max_inotify_instances is 0\b.*sudo sysctl user\.max_inotify_instances=\d/, "true"
      ]
    end

    it "makes another once one is closed" do
      expect(limited_by("instances", 1, <<~RUBY)).to eq ["made"]
        #{front_end::SCRIPT}
        #{front_end::CLOSE}
        #{front_end::SCRIPT}
        puts "made"
      RUBY
    end

    # Nothing collects the descriptors of the four calls.
    unless front_end == FrontEnds::Calls
      it "opens one more than there may be when others were dropped" do
        expect(limited_by("instances", 10, <<~RUBY)).to eq ["made"]
          100.times { #{front_end::SCRIPT} }
          puts "made"
        RUBY
      end
    end
  end

  it "raises Errno::EMFILE, which names the command that helps, when the process has no descriptor left" do
    # A watcher may have warned before of a directory that it could not watch.
    expect(ruby(<<~RUBY).lines(chomp: true).last(2)).to match ["Errno::EMFILE", /Too many open files.*ulimit -n/]
      dir = #{dir.dump}
      Process.setrlimit(:NOFILE, 20)
      kept = []
      begin
        loop do
          #{front_end::SCRIPT}
          kept << source
        end
      rescue SystemCallError => e
        puts e.class, e.message
      end
    RUBY
  end
end
