# frozen_string_literal: true

# How much of inotify(7) this user may have.
module Inotify
  # A limit of inotify(7), "/proc interfaces", as it was when it was asked for.
  class Limit
    # @return [String] its name, as sysctl(8) takes it
    attr_reader :sysctl
    # @return [Integer, nil] its value where this process runs; nil where /proc does not tell
    attr_reader :value
    # @return [Integer, nil] how much of it the processes of this user have that this process may look at; nil for a
    #   limit of each instance
    attr_reader :used

    # @api private
    def initialize(sysctl, value, used)
      @sysctl = sysctl
      @value = value
      @used = used
      freeze
    end

    # @return [Hash{Symbol => Object}] `{sysctl:, value:, used:}`
    def to_h = { sysctl: sysctl, value: value, used: used }

    # For pattern matching: `case limit in {value:, used:}`.
    #
    # @param _keys [Array<Symbol>, nil] the fields the pattern asks for
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(_keys) = to_h

    # @return [String] `#<Inotify::Limit fs.inotify.max_user_watches=65536 used=12>`
    def inspect = "#<#{self.class} #{sysctl}=#{value.inspect}#{" used=#{used}" if used}>"
    alias to_s inspect
  end

  # The limits of this user and how much of them is used. Looks through /proc.
  #
  #   Inotify.limits[:watches].used # => 1234
  #
  # @return [Hash{Symbol => Limit}] `:instances` and `:watches` of the user, `:queued_events` of each instance
  def self.limits
    instances, watches = Use.of_user(Process.uid)
    {
      instances: Use.limit("max_user_instances", "max_inotify_instances", instances),
      watches: Use.limit("max_user_watches", "max_inotify_watches", watches),
      queued_events: Use.limit("max_queued_events", nil, nil)
    }
  end

  # Reads limits and their use from /proc.
  # @api private
  module Use
    module_function

    # Of the system's limit and the one of the user namespace, the smaller holds: user_namespaces(7).
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
  private_constant :Use
end
