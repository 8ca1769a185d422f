# frozen_string_literal: true

module Inotify
  module CLI
    # The COMMAND of the arguments. Starts it, and passes the changed paths to it.
    # @api private
    class Command
      # The variable with the paths, one in each line.
      VARIABLE = "INOTIFY_RS_PATHS"
      # The kernel refuses variables of more than 128 KiB: execve(2), "Limits".
      LONGEST = 100_000
      # The limit of arguments and variables together, unless that of the stack is lower, and a margin.
      MOST_BYTES = 2**21
      MARGIN = 8192
      # More words overflow Ruby's own stack.
      MOST_WORDS = 100_000
      # Each word takes a NUL and a pointer, too.
      EXTRA = 9
      # Stands for a changed path.
      PLACEHOLDER = "{}"
      # Exit statuses, as of env(1).
      NOT_FOUND = 127
      NOT_STARTED = 126
      private_constant :VARIABLE, :LONGEST, :MOST_BYTES, :MARGIN, :MOST_WORDS, :EXTRA, :PLACEHOLDER, :NOT_FOUND,
                       :NOT_STARTED

      # @param settings [Settings]
      # @param terminal [Terminal, nil] its standard input
      def initialize(settings, terminal)
        @input = terminal ? terminal.io : File::NULL
        @words = settings.command
        @shell = settings[:shell]
        @variables = settings[:env].to_h
        @dir = settings[:workdir]
        @printer = Formats::Printer.for(settings, Formats::PATHS) if settings[:stdin]
      end

      # Starts COMMAND.
      #
      # @param records [Array<Records::Changed>]
      # @param group [Integer] the process group it joins
      # @return [Array(Integer, IO, Array<String>)] its pid; the pipe of its input, or nil; its command line
      # @raise [Failure] it cannot be started
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

      # @return [Array<String>] the command line
      def words(records) = arguments(paths(records))

      # Splits records by what one command line can hold, as xargs(1) does.
      #
      # @param records [Array<Records::Changed>]
      # @return [Array(Array<Records::Changed>, Array<Records::Changed>)] those for the next command line, and the rest
      def split(records)
        repeated = @words.select { |word| word.include?(PLACEHOLDER) }
        return [records, []] if repeated.empty?

        space = bytes_left
        fit = records.take([MOST_WORDS / repeated.size, 1].max).take_while do |record|
          (space -= bytes(repeated, record.path)).positive?
        end
        size = [fit.size, 1].max
        [records.take(size), records.drop(size)]
      end

      # @return [String] the bytes of its input
      def input(records) = @printer.call(records)

      private

      # See execve(2), "Limits on size of arguments and environment".
      def bytes_left
        limit = (Process.getrlimit(Process::RLIMIT_STACK).first / 4).clamp(2**17, MOST_BYTES)
        variables = ENV.sum { |name, value| name.bytesize + value.bytesize + 1 + EXTRA }
        limit - variables - LONGEST - MARGIN - @words.sum { |word| word.bytesize + EXTRA }
      end

      # How much a path takes.
      def bytes(repeated, path)
        return path.bytesize + EXTRA if @shell

        repeated.sum { |word| word.bytesize + (word.scan(PLACEHOLDER).size * path.bytesize) + EXTRA }
      end

      # The name of the program is there twice: Ruby passes a single string to a shell.
      def launch(words, environment, **options)
        program, *arguments = words
        options[:chdir] = @dir if @dir
        spawn(environment, [program, program], *arguments, **options)
      end

      # Relative paths would be wrong in another directory.
      def paths(records)
        paths = records.map { |record| record.path.b }.uniq
        return paths unless @dir

        paths.map { |path| path.start_with?("/") ? path : File.join(Dir.pwd.b, path) }
      end

      # A shell gets the paths as its arguments, so that no path is read as a script.
      def arguments(paths)
        return expand(paths) unless @shell

        script = @words.join(" ")
        return ["sh", "-c", script] unless script.include?(PLACEHOLDER)

        ["sh", "-c", script.gsub(PLACEHOLDER, '"$@"'), "sh", *paths]
      end

      def expand(paths)
        @words.flat_map do |word|
          word.include?(PLACEHOLDER) ? paths.map { |path| word.gsub(PLACEHOLDER) { path } } : [word]
        end
      end

      def environment(paths)
        lines = paths.join("\n")
        { **@variables, VARIABLE => (lines if lines.bytesize <= LONGEST) }
      end

      def failure(error, paths)
        return Failure.new("there is no directory #{@dir}", NOT_STARTED) if @dir && !File.directory?(@dir)

        case error
        when Errno::ENOENT then missing
        when Errno::E2BIG
          paths = Text.count(paths, "path")
          Failure.new("#{paths} too long for a command line; --stdin passes them as input", NOT_STARTED)
        else Failure.new("#{@words.first} cannot be started: #{error.message}", NOT_STARTED)
        end
      end

      # The error is the same for a script whose interpreter is missing.
      def missing
        word = @words.first
        script = word.include?("/") && File.file?(File.expand_path(word, @dir || "."))
        return Failure.new("there is no command #{word}", NOT_FOUND) unless script

        Failure.new("#{word} cannot be started: the interpreter in its first line is missing", NOT_STARTED)
      end
    end
  end
end
