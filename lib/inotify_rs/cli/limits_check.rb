# frozen_string_literal: true

module Inotify
  module CLI
    # The limits of this user: how much of them is left, and how they are raised.
    # @api private
    class LimitsCheck
      # Instances and watches that are enough for most.
      AMPLE = { instances: 1024, watches: 1_048_576 }.freeze
      # From this share on, a limit is as good as reached.
      NEARLY = 0.9
      private_constant :AMPLE, :NEARLY

      # @param limits [Hash{Symbol => Limit}] as {Inotify.limits} tells them
      def initialize(limits)
        @limits = limits
      end

      # @return [Array<String>]
      def lines
        ["Limits, and how much of them the processes of this user have"] + @limits.values.map { |limit| line(limit) } +
          ["To raise one, now and for good:"] + AMPLE.keys.flat_map { |name| commands(name) }
      end

      # @return [Array<String>]
      def problems
        reached = AMPLE.keys.select { |name| used(name) >= NEARLY * value(name) }
        reached.map { |name| "#{used(name)} of #{value(name)} #{name} are used: #{command(name, 0)}" }
      end

      # @return [Integer] watches that are left
      def watches_left = value(:watches) - used(:watches)

      # @param more [Integer] how many are needed beside those that are used
      # @return [String] what makes room for them
      def command(name, more) = "sudo sysctl #{setting(name, more)}"

      private

      def line(limit)
        value = limit.value || "not told by /proc"
        return "  #{limit.sysctl.ljust(30)} #{value} for each instance" unless limit.used

        "  #{limit.sysctl.ljust(30)} #{limit.used} of #{value}"
      end

      def commands(name)
        setting = setting(name, 0)
        file = "/etc/sysctl.d/60-inotify.conf"
        ["  sudo sysctl #{setting}", "  echo #{setting} | sudo tee -a #{file}"]
      end

      def setting(name, more)
        ample = [AMPLE.fetch(name), 2 * value(name), 2 * (used(name) + more)].max
        "#{@limits.fetch(name).sysctl}=#{ample}"
      end

      def value(name) = @limits.fetch(name).value || AMPLE.fetch(name)

      def used(name) = @limits.fetch(name).used
    end
  end
end
