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
        {
          instances: limit("max_user_instances", "max_inotify_instances", instances),
          watches: limit("max_user_watches", "max_inotify_watches", watches),
          queued_events: limit("max_queued_events", nil, nil)
        }
      end

      # Returns the smaller one of the system's limit and the user namespace's, which applies: user_namespaces(7).
      def limit(system, namespace, used)
        candidates = { "fs.inotify.#{system}" => nil, "user.#{namespace}" => nil }
        candidates.delete("user.") unless namespace
        candidates.each_key { |name| candidates[name] = value(name) }
        sysctl, value = candidates.compact.min_by(&:last) || candidates.first
        Limit.new(sysctl.freeze, value, used)
      end

      # @return [Array(Integer, Integer)] instances and watches of a user's processes
      def of_user(uid)
        instances = 0
        watches = 0
        processes(uid).each do |process|
          descriptors(process).each do |fd|
            instances += 1
            watches += File.foreach("/proc/#{process}/fdinfo/#{fd}").count { |line| line.start_with?("inotify ") }
          rescue SystemCallError
            # Closed, or ended, since it was listed.
          end
        end
        [instances, watches]
      end

      def value(name)
        Integer(File.read("/proc/sys/#{name.tr(".", "/")}"), 10)
      rescue SystemCallError, ArgumentError
        nil
      end

      def processes(uid)
        Dir.children("/proc").grep(/\A\d+\z/).select { |process| owned?(process, uid) }
      end

      def owned?(process, uid)
        File.stat("/proc/#{process}").uid == uid
      rescue SystemCallError
        false
      end

      def descriptors(process)
        Dir.children("/proc/#{process}/fd").select { |fd| inotify?("/proc/#{process}/fd/#{fd}") }
      rescue SystemCallError
        []
      end

      def inotify?(link)
        File.readlink(link) == "anon_inode:inotify"
      rescue SystemCallError
        false
      end
    end
  end
end
