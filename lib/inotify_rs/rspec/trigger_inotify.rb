# frozen_string_literal: true

module Inotify
  module RSpec
    # The matcher of {Matchers#trigger_inotify}. It composes with others: `named(/\.rb\z/)`,
    # `named(a_string_ending_with(".rb"))`, and with `and` and `or`.
    #
    # The kernel merges an event with an equal one before it: two writes in a row are one `:modify`.
    class TriggerInotify
      include ::RSpec::Matchers::Composable

      # How often something is expected.
      # @api private
      class Count
        WORDS = { once: 1, twice: 2, thrice: 3 }.freeze
        private_constant :WORDS

        # @param kind [Symbol] `:exactly`, `:at_least` or `:at_most`
        # @param number [Integer, Symbol] or `:once`, `:twice`, `:thrice`
        # @raise [ArgumentError] anything else
        def initialize(kind, number)
          @kind = kind
          @number = WORDS.fetch(number, number)
          raise ArgumentError, "#{kind} takes a number such as 2 or :twice, not #{number.inspect}" unless
            @number.is_a?(Integer) && !@number.negative?
        end

        def match?(number)
          case @kind
          when :exactly then number == @number
          when :at_least then number >= @number
          when :at_most then number <= @number
          end
        end

        # @return [String] `at least twice`
        def to_s
          "#{@kind.to_s.tr("_", " ")} #{WORDS.key(@number) || "#{@number} times"}"
        end
      end

      # Events as a person can read them.
      # @api private
      class Listing
        # How many events are listed.
        LISTED = 50
        private_constant :LISTED

        # @param events [Array<Event>]
        def initialize(events)
          @events = events
        end

        # @return [String] a line each: `  create "/tmp/x"`
        def to_s
          return "but nothing happened" if @events.empty?

          "but this happened:\n#{lines.map { |line| "  #{line}" }.join("\n")}"
        end

        private

        # An overflow is listed wherever it came.
        def lines
          rest = @events.drop(LISTED)
          overflow = rest.find(&:q_overflow?)
          more = rest.size - (overflow ? 1 : 0)
          [*@events.first(LISTED).map { |event| line(event) }, *("and #{more} more" if more.positive?),
           *(line(overflow) if overflow)]
        end

        def line(event)
          return "q_overflow: the kernel dropped what came next" if event.q_overflow?

          flags = event.flags - [:isdir]
          "#{flags.join(", ")} #{event.path.inspect}#{" (a directory)" if event.isdir?}"
        end
      end

      READING = Flags.to_mask(:access, :open, :close_nowrite)
      WATCHABLE = Flags::IN_ALL_EVENTS
      private_constant :Count, :Listing, :READING, :WATCHABLE

      # @return [Array<Event>] the matching events, after the block has run
      attr_reader :events

      # @api private
      def initialize(flags)
        @flags = flags.to_h { |flag| [flag, Flags.to_mask(flag)] }
        @paths = []
        @seconds = 0
        @events = []
        # Defined here in one order: Ruby reads such instance variables faster, and warns about others.
        @named = @in_order = @count = @any = @all = nil
      end

      # Sets the watched paths. A watch on a directory reports the directory and its entries, not the contents of its
      # subdirectories.
      #
      # @param paths [Array<String, #to_path>] directories and files; they must exist
      # @return [self]
      def on(*paths)
        @paths.concat(paths.map { |path| Internal::SystemPath.of(path) })
        self
      end

      # Expects events with this name only.
      #
      # @param name [String, Regexp, Object] matched against {Event#name}: nil for the watched path itself
      # @return [self]
      def named(name)
        @named = [name]
        self
      end

      # Waits for events that come later, from another process for example. The wait ends as soon as all expected events
      # have come; with `not_to`, it lasts to its end.
      #
      # @param seconds [Numeric]
      # @return [self]
      def within(seconds)
        Internal::Deadline.after(seconds)
        @seconds = seconds
        self
      end

      # Expects the flags in this order. Other events may come between them.
      #
      # @return [self]
      def in_order
        @in_order = true
        self
      end

      # @param number [Integer, Symbol] how often each flag is expected: `2` or `:twice`
      # @return [self]
      def exactly(number) = counting(:exactly, number)

      # (see #exactly)
      def at_least(number) = counting(:at_least, number)

      # (see #exactly)
      def at_most(number) = counting(:at_most, number)

      # @return [self]
      def once = exactly(1)

      # @return [self]
      def twice = exactly(2)

      # @return [self]
      def thrice = exactly(3)

      # For `exactly(2).times`.
      # @return [self]
      def times = self

      # Expects at least one of the flags instead of each. It cannot be combined with a count or an order.
      #
      # @return [self]
      def any
        @any = true
        self
      end

      # @return [Boolean]
      def matches?(block)
        record(block) { |recording| recording.follow(Internal::Deadline.after(@seconds)) { satisfied?(recording) } }
      end

      # @return [Boolean]
      # @raise [NotImplementedError] with a count or an order
      def does_not_match?(block)
        if @count || @in_order
          raise NotImplementedError, "`expect { }.not_to trigger_inotify` takes no count and no order"
        end

        record(block) do |recording|
          recording.follow(Internal::Deadline.after(@seconds)) { select(recording).any? }
          @events.empty? && !recording.overflowed?
        end
      end

      # @return [String]
      def failure_message = "expected the block to #{description}\n#{Listing.new(@all)}"

      # @return [String]
      def failure_message_when_negated = "expected the block not to #{description}\n#{Listing.new(@all)}"

      # @return [String] `trigger create and close_write on "app", named "x", exactly once`
      def description
        flags = @flags.keys.join(@any ? " or " : " and ")
        flags = "anything" if flags.empty?
        parts = ["trigger #{flags} on #{@paths.map(&:inspect).join(" or ")}"]
        parts << "named #{description_of(@named.first)}" if @named
        parts << "in this order" if @in_order
        parts << @count.to_s if @count
        parts << "within #{@seconds} seconds" if @seconds.positive?
        parts.join(", ")
      end

      # @return [true]
      def supports_block_expectations? = true

      # @return [false]
      def supports_value_expectations? = false

      private

      def counting(kind, number)
        @count = Count.new(kind, number)
        self
      end

      def record(block)
        raise ArgumentError, "say what to watch: trigger_inotify(:create).on(dir)" if @paths.empty?
        raise ArgumentError, "trigger_inotify takes a block: expect { … }.to trigger_inotify" unless
          block.respond_to?(:call)

        Recording.of(@paths, mask) do |recording|
          block.call
          recording.catch_up
          yield recording
        ensure
          @all = recording.events
        end
      end

      # Also of the events that only messages list.
      def mask = (WATCHABLE & ~READING) | (@flags.values.inject(0, :|) & WATCHABLE)

      def select(recording)
        wanted = @flags.empty? ? nil : @flags.values.inject(:|)
        @events = recording.events.select { |event| (wanted.nil? || event.mask.anybits?(wanted)) && named?(event) }
      end

      def named?(event) = @named.nil? || values_match?(@named.first, event.name)

      def satisfied?(recording)
        select(recording)
        numbers = counts
        return numbers.any?(&:positive?) if @any

        count = @count || Count.new(:at_least, 1)
        numbers.all? { |number| count.match?(number) } && (!@in_order || ordered?)
      end

      def counts
        return [@events.size] if @flags.empty?

        @flags.values.map { |mask| @events.count { |event| event.mask.anybits?(mask) } }
      end

      def ordered?
        rest = @flags.values
        @events.each { |event| rest = rest.drop(1) if rest.any? && event.mask.anybits?(rest.first) }
        rest.empty?
      end
    end
  end
end
