# frozen_string_literal: true

module Inotify
  module CLI
    # The processes of COMMAND: their group, the guard of that group, and processes that have left it.
    # @api private
    module Processes
      module_function

      # From proc(5), "/proc/pid/stat": `12 (name) S 1 12 9 …` with state, parent and group.
      #
      # @param pid [Integer]
      # @return [Array<String>] state, parent and group; empty when there is no such process
      def stat(pid)
        File.read("/proc/#{pid}/stat").rpartition(")").last.split(" ", 4).take(3)
      rescue SystemCallError
        []
      end

      # @return [Boolean] whether this is the state of a process that has ended
      def ended?(state) = %w[Z X].include?(state)

      # @return [Array<Integer>] the pids of all processes
      def all = Dir.each_child("/proc").grep(/\A\d+\z/).map(&:to_i)

      # @return [Array<Integer>] the living descendants of this process
      def descendants
        stats = all.to_h { |pid| [pid, stat(pid)] }
        children = stats.keys.group_by { |pid| stats[pid][1].to_i }
        found = [Process.pid]
        found.each { |pid| found.concat(children.fetch(pid, [])) }
        found.drop(1).reject { |pid| ended?(stats[pid].first) }
      end

      # @param name [String] of a signal
      # @param pid [Integer] of a process; negative: of a group
      # @return [Boolean] whether it reached a process
      def signal(name, pid)
        Process.kill(name, pid)
        true
      rescue SystemCallError
        # It has ended, or is another user's.
        false
      end

      # The group of a {Guard}: COMMAND and all its descendants, except for those that have left for another group.
      class Group
        # Seconds between checks of whether it has ended: nothing reports that.
        INTERVAL = 0.03

        # @return [Integer] its number: the pid of its guard
        attr_reader :id

        # @param id [Integer]
        # @param subreaper [Boolean] whether all descendants of this process belong to it, whatever their groups
        def initialize(id, subreaper: false)
          @id = id
          @subreaper = subreaper
        end

        # @param name [String] of a signal
        # @return [Boolean] whether it reached a process
        def signal(name)
          others.each { |pid| Processes.signal(name, pid) }
          Processes.signal(name, -@id)
        end

        # @return [Boolean] whether one of its processes lives, except for the guard and its helper
        def alive? = others.any? || Processes.all.any? { |pid| member?(pid) }

        # Waits for the end of all its processes.
        #
        # @param seconds [Numeric] the longest wait
        def wait(seconds)
          deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + seconds
          sleep(INTERVAL) while alive? && Process.clock_gettime(Process::CLOCK_MONOTONIC) < deadline
        end

        private

        # Descendants in other groups.
        def others
          return [] unless @subreaper

          Processes.descendants.reject { |pid| Processes.stat(pid)[2].to_i == @id }
        end

        # A process that has ended stays a member of the group until its parent waits for it.
        def member?(pid)
          return false if [@id, Process.pid].include?(pid)

          state, _, group = Processes.stat(pid)
          group.to_i == @id && !Processes.ended?(state)
        end
      end

      # The first process of the group of COMMAND: a shell that waits for the end of a pipe, whose only other end is in
      # this process. So the group ends even when this process is killed, and no other group gets its number before.
      class Guard
        # Arguments: a signal, how many seconds the group may take to end, and a command that waits for that instead of
        # sleep(1).
        SCRIPT = <<~'SH'
          trap "" HUP INT QUIT USR1 USR2 TERM TSTP TTIN TTOU
          read -r line && exit
          signal=$1 seconds=$2
          shift 2
          kill -s "$signal" 0
          kill -s CONT 0
          "$@" $$ "$seconds" || sleep "$seconds"
          kill -s KILL 0
        SH
        # Waits until the group has ended, and gives its terminal back.
        RESCUE = <<~'RUBY'
          owner, modes, group, seconds = ARGV
          Inotify::CLI::Processes::Group.new(group.to_i).wait(seconds.to_f)
          Inotify::CLI::Terminal.give_back(group.to_i, owner.to_i, modes)
        RUBY
        # Seconds that it may take to end.
        PATIENCE = 1
        private_constant :SCRIPT, :RESCUE, :PATIENCE

        # @return [Integer] its pid, and the number of the group
        attr_reader :pid

        # @param signal [String] ends the group
        # @param seconds [Numeric] until the group is killed
        # @param terminal [Terminal, nil] lent to the group
        # @raise [SystemCallError] there is no shell
        def initialize(signal, seconds, terminal = nil)
          reader, @pipe = IO.pipe
          @pid = spawn("sh", "-c", SCRIPT, "sh", signal, seconds.to_s, *wait_command(terminal),
                       in: reader, out: File::NULL, err: File::NULL, pgroup: true, close_others: true)
          @waiter = Process.detach(@pid)
        ensure
          reader.close
        end

        # @return [Boolean] false when it was killed with its group
        def alive? = !@killed && @waiter.alive?

        # Notes that its group is killed. It ends, too, but not at once: until then it looks alive.
        def killed
          @killed = true
        end

        # Ends it.
        def dismiss
          @pipe.puts unless @pipe.closed?
        rescue Errno::EPIPE
          # It has ended.
        ensure
          @pipe.close
          @waiter.join(PATIENCE)
        end

        private

        # A ruby that runs {RESCUE}, where there is a terminal.
        def wait_command(terminal)
          return ["false"] unless terminal

          require "rbconfig"
          parts = %w[processes terminal].flat_map { |file| ["-r", File.join(__dir__, file)] }
          [RbConfig.ruby, "--disable-all", *parts, "-e", RESCUE, *terminal.to_arguments]
        end
      end

      # Processes whose parents have ended become children of this one, if this is the first process of a container, or
      # a subreaper.
      class Orphans
        # PR_SET_CHILD_SUBREAPER, prctl(2).
        SET_SUBREAPER = 36
        private_constant :SET_SUBREAPER

        # @param subreaper [Boolean] whether this process becomes a subreaper
        # @param signals [Signals]
        # @raise [Failure] it cannot become one
        def initialize(subreaper, signals)
          @subreaper = subreaper
          become_subreaper if subreaper
          signals.listen(["CHLD"]) if subreaper || Process.pid == 1
        end

        # @return [Boolean] whether all descendants end with COMMAND
        def subreaper? = @subreaper

        # Waits for those that have ended, so that no zombies remain.
        #
        # @param own [Array<Integer>] the pids of children that others wait for
        def reap(own)
          children.each do |pid|
            Process.wait(pid, Process::WNOHANG) if !own.include?(pid) && Processes.stat(pid).first == "Z"
          rescue Errno::ECHILD
            # Somebody else waited for it.
          end
        end

        private

        # The pids of this process's children.
        def children
          Dir["/proc/self/task/*/children"].flat_map { |file| File.read(file).split.map(&:to_i) }
        rescue SystemCallError
          []
        end

        def become_subreaper
          require "fiddle"
          types = [Fiddle::TYPE_INT, *[Fiddle::TYPE_LONG] * 4]
          prctl = Fiddle::Function.new(Fiddle::Handle::DEFAULT["prctl"], types, Fiddle::TYPE_INT)
          return if prctl.call(SET_SUBREAPER, 1, 0, 0, 0).zero?

          raise Failure, "--kill-descendants: prctl(2) failed"
        rescue LoadError
          raise Failure, "--kill-descendants needs the gem fiddle"
        end
      end
    end
  end
end
