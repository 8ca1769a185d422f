# frozen_string_literal: true

module Inotify
  module CLI
    # The COMMAND of the arguments: starts it, and gives it the changed paths.
    # @api private
    class Command
      # The variable with the paths, a line each.
      VARIABLE = "INOTIFY_RS_PATHS"
      # The kernel takes 128 KiB for a variable, and none that is longer: execve(2), "Limits".
      LONGEST = 100_000
      # For the changed paths, each.
      PLACE = "{}"
      # As with env(1).
      NOT_FOUND = 127
      NOT_STARTED = 126
      private_constant :VARIABLE, :LONGEST, :PLACE, :NOT_FOUND, :NOT_STARTED

      # @param settings [Settings]
      # @param terminal [Terminal, nil] what it reads
      def initialize(settings, terminal)
        @input = terminal ? terminal.io : File::NULL
        @words = settings.command
        @shell = settings[:shell]
        @printer = Printer.for(settings, Paths) if settings[:stdin]
      end

      # Starts it.
      #
      # @param records [Array<Records::Change>] what happened
      # @param group [Integer] the process group it joins
      # @return [Array(Integer, IO, Array<String>)] its pid; where its input is written to, or nil; what was started
      # @raise [Failure] it can't be started
      def start(records, group)
        paths = records.map { |record| record.path.b }.uniq
        reader, writer = IO.pipe if @printer
        words = arguments(paths)
        pid = launch(words, environment(paths), in: reader || @input, pgroup: group)
        [pid, writer, words.map { |word| Names.utf8(word).scrub }]
      rescue SystemCallError => e
        writer&.close
        raise failure(e, paths.size)
      ensure
        reader&.close
      end

      # @return [String] bytes for its input
      def input(records) = @printer.call(records)

      private

      # With the name of the program twice, for one alone would be a shell's to read.
      def launch(words, environment, **options)
        program, *arguments = words
        spawn(environment, [program, program], *arguments, **options)
      end

      # A shell gets the paths as its own arguments, so that none is taken for a program.
      def arguments(paths)
        return expand(paths) unless @shell

        script = @words.join(" ")
        return ["sh", "-c", script] unless script.include?(PLACE)

        ["sh", "-c", script.gsub(PLACE, '"$@"'), "sh", *paths]
      end

      def expand(paths)
        @words.flat_map do |word|
          word.include?(PLACE) ? paths.map { |path| word.gsub(PLACE) { path } } : [word]
        end
      end

      def environment(paths)
        lines = paths.join("\n")
        { VARIABLE => (lines if lines.bytesize <= LONGEST) }
      end

      def failure(error, paths)
        case error
        when Errno::ENOENT then Failure.new("there is no command #{@words.first}", NOT_FOUND)
        when Errno::E2BIG
          Failure.new("#{paths} paths are more than a command line holds; --stdin gives them as input",
                      NOT_STARTED)
        else Failure.new("#{@words.first} can't be started: #{error.message}", NOT_STARTED)
        end
      end
    end
  end
end
