# frozen_string_literal: true

module Inotify
  module Internal
    # Reads limits and how much of them is used from /proc.
    # @api private
    module LimitUsage
      module_function

      # @return [Hash{Symbol => Limit}] all limits of this user
      def limits
        instances, watches = of_user(Process.uid)
        queued = "fs.inotify.max_queued_events"
        { instances: limit(:instances, instances), watches: limit(:watches, watches),
          queued_events: Limit.new(queued, value(queued), nil) }
      end

      # @return [Array(Integer, Integer)] instances and watches of a process
      # @raise [SystemCallError] its descriptors cannot be listed
      def of_process(process)
        fds = Dir.children("/proc/#{process}/fd").select { |fd| inotify?("/proc/#{process}/fd/#{fd}") }
        [fds.size, fds.sum { |fd| watches("/proc/#{process}/fdinfo/#{fd}") }]
      end

      # @return [Array<String>] the numbers of all processes
      def processes = Dir.children("/proc").grep(/\A\d+\z/)

      # @return [Integer] a value of the limit that is enough for most users
      def ample(name) = Internal.user_limit(name == :watches).last

      def limit(name, used)
        sysctl, value, = Internal.user_limit(name == :watches)
        Limit.new(sysctl.freeze, value, used)
      end
      private_class_method :limit

      def of_user(uid)
        used = processes.select { |process| owned?(process, uid) }.map do |process|
          of_process(process)
        rescue SystemCallError
          [0, 0]
        end
        [[0, 0], *used].transpose.map(&:sum)
      end
      private_class_method :of_user

      def value(name)
        Integer(File.read("/proc/sys/#{name.tr(".", "/")}"), 10)
      rescue SystemCallError, ArgumentError
        nil
      end
      private_class_method :value

      def owned?(process, uid)
        File.stat("/proc/#{process}").uid == uid
      rescue SystemCallError
        false
      end
      private_class_method :owned?

      # Either may have been closed since it was listed.
      def inotify?(link)
        File.readlink(link) == "anon_inode:inotify"
      rescue SystemCallError
        false
      end
      private_class_method :inotify?

      def watches(fdinfo)
        File.foreach(fdinfo).count { |line| line.start_with?("inotify ") }
      rescue SystemCallError
        0
      end
      private_class_method :watches
    end
  end
end
