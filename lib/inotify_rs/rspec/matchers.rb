# frozen_string_literal: true

module Inotify
  # Matchers for RSpec, after `require "inotify_rs/rspec"`.
  module RSpec
    # What `require "inotify_rs/rspec"` adds to examples. Without rspec-core, include it yourself.
    module Matchers
      # What a file is closed, replaced or removed by.
      DONE = %i[close_write moved_to moved_from delete].freeze
      private_constant :DONE

      # Expects a block to cause events of inotify(7):
      #
      #   expect { save(path) }.to trigger_inotify(:create, :close_write).on(dir).named("x")
      #   expect { load(path) }.not_to trigger_inotify(:modify).on(path)
      #
      # @param flags [Array<Symbol>] what is to happen, each of it, in any order; none: anything but reading
      # @return [TriggerInotify] to be told {TriggerInotify#on} what
      # @raise [ArgumentError] an unknown flag: lists the right ones
      def trigger_inotify(*flags) = TriggerInotify.new(flags)

      # Runs the block and waits until a file is changed, by it or by something it started: written and closed, replaced
      # or removed. The file need not exist, only its directory. What happened before the block is run does not count.
      #
      #   wait_for_change("log/app.log", :modify) { worker.wake }
      #
      # @param path [String, #to_path] a file, or a directory for what is in it
      # @param flags [Array<Symbol>] what else to wait for: the first of these
      # @param timeout [Numeric] the longest wait in seconds
      # @return [Array<Event>] what happened to it until then
      # @raise [RSpec::Expectations::ExpectationNotMetError] `timeout` passed
      # @raise [SystemCallError] its directory can't be watched
      def wait_for_change(path, *flags, timeout: 10, &block)
        raise ArgumentError, "a block is needed: wait_for_change(path) { … }" unless block

        path = Internal::SystemPath.of(path)
        watched, name = File.directory?(path) ? [path, nil] : [File.dirname(path), File.basename(path)]
        matcher = TriggerInotify.new(flags.empty? ? DONE : flags).on(watched).within(timeout).any
        matcher.named(name) if name
        return matcher.events if matcher.matches?(block)

        ::RSpec::Expectations.fail_with("waited #{timeout} seconds: #{matcher.failure_message}")
      end
    end
  end
end
