# frozen_string_literal: true

module Inotify
  # Matchers for RSpec, after `require "inotify_rs/rspec"`.
  module RSpec
    # What `require "inotify_rs/rspec"` adds to examples. Without rspec-core, include it yourself.
    module Matchers
      # The events of a file that is written and closed, replaced or deleted.
      DONE = %i[close_write moved_to moved_from delete].freeze
      private_constant :DONE

      # Expects a block to cause events of inotify(7):
      #
      #   expect { save(path) }.to trigger_inotify(:create, :close_write).on(dir).named("x")
      #   expect { load(path) }.not_to trigger_inotify(:modify).on(path)
      #
      # @param flags [Array<Symbol>] the expected events, each of them, in any order; none: any event except for reads
      # @return [TriggerInotify] which needs a path: {TriggerInotify#on}
      # @raise [ArgumentError] an unknown flag; the message lists the known ones
      def trigger_inotify(*flags) = TriggerInotify.new(flags)

      # Runs the block and waits until a file is written and closed, replaced or deleted, by the block or by something
      # that it started. The file need not exist; its directory must. Events from before the block are ignored.
      #
      #   wait_for_change("log/app.log", :modify) { worker.wake }
      #
      # @param path [String, #to_path] a file, or a directory for any of its entries
      # @param flags [Array<Symbol>] waits for the first of these events instead
      # @param timeout [Numeric] the longest wait in seconds
      # @return [Array<Event>] the events of the file until then
      # @raise [RSpec::Expectations::ExpectationNotMetError] `timeout` passed
      # @raise [SystemCallError] its directory cannot be watched
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
