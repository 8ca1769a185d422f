# frozen_string_literal: true

require "inotify_rs"

module Inotify
  module CLI
    # `inotify_rs doctor`: shows the limits of inotify, which processes use how much of them, and what trees need.
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
        limits = Checks::LimitCheck.new(Inotify.limits)
        trees = @settings.paths.map { |path| Checks::TreeCheck.new(path, @settings, limits) }
        [limits, Checks::ProcessCheck.new, *trees].each { |check| report(check) }
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
