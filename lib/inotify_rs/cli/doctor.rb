# frozen_string_literal: true

require "etc"
require "inotify_rs"

module Inotify
  module CLI
    # `inotify_rs doctor`: shows the limits of inotify, which processes use how much of them, and what trees need. Each
    # check has `lines`, which are printed, and `problems`.
    # @api private
    class Doctor
      # The limits of this user: how much of them is left, and how to raise them.
      class LimitCheck
        # Those of a user.
        NAMES = %i[instances watches].freeze
        # A limit is a problem when more than this share of it is used.
        NEARLY = 0.9
        private_constant :NAMES, :NEARLY

        # @param limits [Hash{Symbol => Limit}] of {Inotify.limits}
        def initialize(limits)
          @limits = limits
        end

        # @return [Array<String>]
        def lines
          ["Limits, and how much of them the processes of this user use", *@limits.values.map { |limit| line(limit) },
           "To raise one, now and for good:", *NAMES.flat_map { |name| commands(name) }]
        end

        # @return [Array<String>]
        def problems
          reached = NAMES.select { |name| used(name) >= NEARLY * value(name) }
          reached.map { |name| "#{used(name)} of #{value(name)} #{name} are used: #{command(name, 0)}" }
        end

        # @return [Integer] how many watches are left
        def watches_left = value(:watches) - used(:watches)

        # @param more [Integer] how many are needed in addition to those in use
        # @return [String] the command that raises the limit
        def command(name, more) = "sudo sysctl #{setting(name, more)}"

        private

        def line(limit)
          value = limit.value || "not in /proc"
          return "  #{limit.sysctl.ljust(30)} #{value} for each instance" unless limit.used

          "  #{limit.sysctl.ljust(30)} #{limit.used} of #{value}"
        end

        def commands(name)
          setting = setting(name, 0)
          file = "/etc/sysctl.d/60-inotify.conf"
          ["  sudo sysctl #{setting}", "  echo #{setting} | sudo tee -a #{file}"]
        end

        def setting(name, more)
          ample = [Internal::LimitUsage.ample(name), 2 * value(name), 2 * (used(name) + more)].max
          "#{@limits.fetch(name).sysctl}=#{ample}"
        end

        def value(name) = @limits.fetch(name).value || Internal::LimitUsage.ample(name)

        def used(name) = @limits.fetch(name).used
      end

      # Which processes have instances and watches, as far as this one may read that.
      class ProcessCheck
        # So many are listed.
        LISTED = 15
        # So many characters of a command fit a line of 80.
        WIDTH = 40
        # A process, and how many instances and watches it has.
        Holder = Struct.new(:pid, :user, :instances, :watches, :command)
        HEAD = Holder.new("pid", "user", "instances", "watches", "command")
        private_constant :LISTED, :WIDTH, :Holder, :HEAD

        def initialize
          @hidden = 0
          processes = Internal::LimitUsage.processes - [Process.pid.to_s]
          holders = processes.filter_map { |pid| holder(pid) }
          @holders = holders.sort_by { |it| [-it.watches, -it.instances, it.pid.to_i] }
        end

        # @return [Array<String>]
        def lines
          lines = ["Processes with instances"]
          lines += [HEAD, *@holders.first(LISTED)].map { |it| row(it) } unless @holders.empty?
          lines << "  none" if @holders.empty?
          lines << "  and #{@holders.size - LISTED} more" if @holders.size > LISTED
          lines << hidden if @hidden.positive?
          lines
        end

        # @return [Array<String>]
        def problems
          Instance.open(&:fileno)
          []
        rescue SystemCallError => e
          [e.message]
        end

        private

        def hidden = "  and #{@hidden} more that cannot be read#{" except by root" unless Process.uid.zero?}"

        def row(holder)
          format("  %<pid>7s %<user>-10.10s %<instances>9s %<watches>8s %<command>s", holder.to_h)
        end

        def holder(pid)
          instances, watches = Internal::LimitUsage.of_process(pid)
          Holder.new(pid, user(pid), instances, watches, command(pid)) if instances.positive?
        rescue Errno::EACCES, Errno::EPERM
          @hidden += 1
          nil
        rescue SystemCallError
          # The process has ended.
        end

        def user(pid)
          uid = File.stat("/proc/#{pid}").uid
          Etc.getpwuid(uid).name
        rescue ArgumentError
          uid.to_s
        end

        def command(pid)
          words = File.binread("/proc/#{pid}/cmdline").split("\0")
          text = Text.visible(words.empty? ? File.read("/proc/#{pid}/comm").chomp : words.join(" "))
          text.length > WIDTH ? "#{text[0, WIDTH - 1]}…" : text
        end
      end

      # The file system of a path, how many watches it needs, which changes inotify does not report there, and what it
      # costs to scan for these.
      class TreeCheck
        # File systems whose contents the kernel makes; it does not report changes there.
        PSEUDO = %w[proc sysfs cgroup cgroup2 debugfs tracefs securityfs configfs devpts efivarfs bpf].freeze
        FILTERS = %i[only ignore gitignore recursive follow_symlinks].freeze
        # Seconds for one scan of a file system that may not reply.
        PATIENCE = 10
        private_constant :PSEUDO, :FILTERS, :PATIENCE

        # @return [Array<String>]
        attr_reader :lines, :problems

        # @param path [String]
        # @param settings [Settings] with the filters
        # @param limits [LimitCheck]
        def initialize(path, settings, limits)
          @path = path
          @settings = settings
          @limits = limits
          @lines = [path]
          @problems = []
          File.exist?(path) ? check : @problems << "no such file or directory"
        end

        private

        def check
          type, place = mount
          return pseudo(type, place) if PSEUDO.include?(type)

          needed = needed_without_filters
          left = @limits.watches_left
          scans = filtered? || needed <= left ? watch : scan_all(needed - left, needed)
          @lines << "  #{"on #{type}, mounted at #{place}: " if type}#{reported}"
          @lines.push(*watches(needed, left), *scans)
        end

        def watches(needed, left)
          return ["  #{needed} watches needed, #{left} left"] unless filtered?

          lines = ["  #{needed} watches needed without the filters, #{left} left"]
          @own ? lines << "  #{@own} watches needed with the filters" : lines
        end

        # The type of the file system and where it is mounted; nil when the list of mounts cannot be read.
        def mount = Internal::Mounts.around(File.realpath(@path))&.reverse

        # Its directories are not counted: there is no end of them.
        def pseudo(type, place)
          @lines << "  on #{type}, mounted at #{place}"
          @problems << "inotify does not report changes by the kernel on #{type}"
        end

        # The path's own directories, and those above it, which are watched for a rename.
        def needed_without_filters
          above = File.realpath(@path).split("/").size - 1
          [above, 1].max + (File.directory?(@path) ? directories : 1)
        end

        def directories
          count = 0
          open = [@path]
          while (dir = open.pop)
            count += 1
            open.concat(subdirectories(dir))
          end
          count
        end

        # None where the directory cannot be read; the watcher reports why.
        def subdirectories(dir)
          Dir.children(dir).map { |name| File.join(dir, name) }.select { |path| directory?(path) }
        rescue SystemCallError
          []
        end

        def directory?(path)
          File.lstat(path).directory?
        rescue SystemCallError
          false
        end

        def filtered? = FILTERS.any? { |key| @settings.given?(key) }

        # Watches for a moment, with the filters. Returns what is scanned because inotify cannot see it.
        def watch
          before = own_watches
          for_a_moment do |watcher|
            @own = own_watches - before
            stats = watcher.stats
            return if stats[:polled_directories].zero?

            @partly = stats[:polled_directories] < stats[:directories]
            "  #{scanned(stats)} are scanned #{interval(stats)} and not watched: one scan takes #{duration(stats)}"
          end
        end

        # Scans everything for a moment. Returns what a watcher would scan because too few watches are left.
        def scan_all(missing, needed)
          @problems << "#{missing} watches too few: #{@limits.command(:watches, needed)}"
          for_a_moment(poll: :always) do |watcher|
            stats = watcher.stats
            "  #{Text.count(missing, "directory", "directories")} would be scanned #{interval(stats)} instead: " \
              "one scan of #{scanned(stats)} takes #{duration(stats)}"
          end
        end

        def for_a_moment(**options)
          watcher = Filters.watcher([@path], @settings, on_error: method(:note), **options)
          watcher.sync(timeout: PATIENCE)
          yield watcher
        rescue InstanceLimitReached
          # It is among the problems of the limits.
        ensure
          watcher&.close
        end

        def reported
          return "inotify reports all changes" unless @remote

          @partly ? "in parts, inotify does not report changes by others" : "inotify does not report changes by others"
        end

        def note(error)
          @remote ||= error.is_a?(RemoteFileSystem)
          @problems |= [error.message]
        end

        def scanned(stats)
          "#{Text.count(stats[:polled_directories], "directory", "directories")} " \
            "with #{Text.count(stats[:polled_files], "file")}"
        end

        def interval(stats) = "every #{stats[:poll_interval].round(1)} s"

        def duration(stats) = "#{(1000 * stats[:poll_seconds]).ceil(1)} ms"

        def own_watches = Internal::LimitUsage.of_process("self").last
      end

      # @param settings [Settings]
      # @param output [#write]
      def initialize(settings, output)
        @settings = settings
        @output = output
        @problems = 0
      end

      # @return [Integer] the exit status: {DONE} when all is well
      def run
        say("inotify_rs #{VERSION}, #{RUBY_ENGINE} #{RUBY_VERSION}, #{kernel}")
        limits = LimitCheck.new(Inotify.limits)
        trees = @settings.paths.map { |path| TreeCheck.new(path, @settings, limits) }
        [limits, ProcessCheck.new, *trees].each { |check| report(check) }
        conclude
      end

      private

      def kernel = "#{read("ostype")} #{read("osrelease")}"

      def read(name) = File.read("/proc/sys/kernel/#{name}").chomp

      def report(check)
        say("")
        check.lines.each { |line| say(line) }
        check.problems.each { |problem| say("  ! #{problem}") }
        @problems += check.problems.size
      end

      def conclude
        say("")
        say(@problems.zero? ? "All is well." : "#{Text.count(@problems, "problem")}, marked by !")
        @problems.zero? ? DONE : FAILED
      end

      def say(line)
        @output.write("#{Text.visible(line)}\n")
      end
    end
  end
end
