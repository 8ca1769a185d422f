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
      # As long as arguments and variables together may be, where the stack's limit is not lower, and room to spare.
      MOST_BYTES = 2**21
      ROOM = 8192
      # More words than this overflow Ruby's own stack.
      MOST_WORDS = 100_000
      # Of a word, beside its bytes: a NUL and a pointer.
      EXTRA = 9
      # For the changed paths, each.
      PLACE = "{}"
      # As with env(1).
      NOT_FOUND = 127
      NOT_STARTED = 126
      private_constant :VARIABLE, :LONGEST, :MOST_BYTES, :ROOM, :MOST_WORDS, :EXTRA, :PLACE, :NOT_FOUND, :NOT_STARTED

      # @param settings [Settings]
      # @param terminal [Terminal, nil] what it reads
      def initialize(settings, terminal)
        @input = terminal ? terminal.io : File::NULL
        @words = settings.command
        @shell = settings[:shell]
        @variables = settings[:env].to_h
        @dir = settings[:workdir]
        @printer = Printer.for(settings, Paths) if settings[:stdin]
      end

      # Starts it.
      #
      # @param records [Array<Records::Change>] what happened
      # @param group [Integer] the process group it joins
      # @return [Array(Integer, IO, Array<String>)] its pid; where its input is written to, or nil; what was started
      # @raise [Failure] it can't be started
      def start(records, group)
        paths = paths(records)
        reader, writer = IO.pipe if @printer
        words = arguments(paths)
        pid = launch(words, environment(paths), in: reader || @input, pgroup: group)
        [pid, writer, words]
      rescue SystemCallError => e
        writer&.close
        raise failure(e, paths.size)
      ensure
        reader&.close
      end

      # @return [Array<String>] what runs
      def words(records) = arguments(paths(records))

      # Takes as much as one command line holds, as xargs(1) does.
      #
      # @param records [Array<Records::Change>]
      # @return [Array(Array<Records::Change>, Array<Records::Change>)] the first, and what remains
      def split(records)
        repeated = @words.select { |word| word.include?(PLACE) }
        return [records, []] if repeated.empty?

        space = bytes_left
        fit = records.take([MOST_WORDS / repeated.size, 1].max).take_while do |record|
          (space -= bytes(repeated, record.path)).positive?
        end
        size = [fit.size, 1].max
        [records.take(size), records.drop(size)]
      end

      # @return [String] bytes for its input
      def input(records) = @printer.call(records)

      private

      # See execve(2), "Limits on size of arguments and environment".
      def bytes_left
        limit = (Process.getrlimit(Process::RLIMIT_STACK).first / 4).clamp(2**17, MOST_BYTES)
        variables = ENV.sum { |name, value| name.bytesize + value.bytesize + 1 + EXTRA }
        limit - variables - LONGEST - ROOM - @words.sum { |word| word.bytesize + EXTRA }
      end

      # What a path takes.
      def bytes(repeated, path)
        return path.bytesize + EXTRA if @shell

        repeated.sum { |word| word.bytesize + (word.scan(PLACE).size * path.bytesize) + EXTRA }
      end

      # With the name of the program twice, for one alone would be a shell's to read.
      def launch(words, environment, **options)
        program, *arguments = words
        options[:chdir] = @dir if @dir
        spawn(environment, [program, program], *arguments, **options)
      end

      # In another directory, relative ones would lead elsewhere.
      def paths(records)
        paths = records.map { |record| record.path.b }.uniq
        return paths unless @dir

        paths.map { |path| path.start_with?("/") ? path : File.join(Dir.pwd.b, path) }
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
        { **@variables, VARIABLE => (lines if lines.bytesize <= LONGEST) }
      end

      def failure(error, paths)
        return Failure.new("there is no directory #{@dir}", NOT_STARTED) if @dir && !File.directory?(@dir)

        case error
        when Errno::ENOENT then Failure.new("there is no command #{@words.first}", NOT_FOUND)
        when Errno::E2BIG
          many = paths == 1 ? "a path is" : "#{paths} paths are"
          Failure.new("#{many} more than a command line holds; --stdin gives them as input", NOT_STARTED)
        else Failure.new("#{@words.first} can't be started: #{error.message}", NOT_STARTED)
        end
      end
    end
  end
end
