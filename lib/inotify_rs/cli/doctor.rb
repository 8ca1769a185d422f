# frozen_string_literal: true

module Inotify
  module CLI
    # `inotify_rs doctor`: what inotify has to offer here, what is used of it and by whom, and what given trees need.
    # @api private
    class Doctor
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
        limits = LimitsCheck.new(Inotify.limits)
        [limits, Holders.new, *@settings.paths.map { |path| TreeCheck.new(path, @settings, limits) }].each do |check|
          say("")
          check.lines.each { |line| say(line) }
          check.problems.each { |problem| tell(problem) }
        end
        conclude
      end

      private

      def kernel = "#{read("ostype")} #{read("osrelease")}"

      def read(name) = File.read("/proc/sys/kernel/#{name}").chomp

      def tell(problem)
        @problems += 1
        say("  ! #{problem}")
      end

      def conclude
        say("")
        say(@problems.zero? ? "All is well." : "#{@problems} problem#{"s" unless @problems == 1}, marked by !")
        @problems.zero? ? DONE : FAILED
      end

      def say(line)
        @output.write("#{Names.visible(line)}\n")
      end
    end
  end
end
