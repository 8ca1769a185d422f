# frozen_string_literal: true

module Inotify
  module CLI
    # The manual page, made from the same options as `--help`.
    # @api private
    class ManPage
      # The installed page. RubyGems does not put it where man(1) searches.
      FILE = File.expand_path("../../../man/inotify_rs.1", __dir__)
      NAME = "inotify_rs - show changes in directory trees, or run a command after changes"
      DESCRIPTION = [
        "Shows changes in directory trees, or runs a command after changes. Nothing is lost, however fast changes " \
        "come. PATH is a file, or a directory with its whole tree; the default is the working directory. A PATH that " \
        "does not exist yet is watched when it appears.",
        "COMMAND runs at the start, and again after each batch of changes, one run at a time, without a shell. In a " \
        "terminal, it has the terminal while it runs. An argument with {} in it is repeated for each changed path; " \
        "the variable INOTIFY_RS_PATHS has the paths, one in each line. When inotify_rs ends, for whatever reason, " \
        "COMMAND and its process group end, too. In a terminal, there are keys between the runs: r runs COMMAND " \
        "again, p pauses, c clears the screen, q quits, ? lists the keys.",
        "Of the types of --types, closed is a file that is complete: it was written and closed, once, however long " \
        "the writing took, or moved to its path. It is not reported without --types. written is a file with a new " \
        "content at its path: it was created, modified, renamed to this path, or its directory was renamed. touched " \
        "is modified or attributes.",
        "Without arguments, inotify_rs runs the rules in .inotify_rs.yml side by side, if the working directory has " \
        "this file; inotify_rs init writes it. inotify_rs doctor shows the limits of inotify, their use, and for " \
        "each PATH whether inotify reports all changes there; its status is 1 if something is wrong."
      ].freeze
      # Columns of the plain text, and the indentation of its paragraphs.
      WIDTH = 78
      INDENT = 7
      private_constant :FILE, :NAME, :DESCRIPTION, :WIDTH, :INDENT

      # @param page [Options::Page]
      def initialize(page)
        @page = page
      end

      # @return [String] its source, see man(7)
      def source
        <<~ROFF
          .TH INOTIFY_RS 1 "" "inotify_rs #{VERSION}" "User Commands"
          .SH NAME
          #{escape(NAME)}
          .SH SYNOPSIS
          .nf
          #{synopsis.map { |line| escape(line) }.join("\n")}
          .fi
          .SH DESCRIPTION
          #{DESCRIPTION.map { |paragraph| escape(paragraph) }.join("\n.PP\n")}
          .SH OPTIONS
          #{sections.map { |title, options| section(title, options) }.join("\n")}
          .SH EXIT STATUS
          #{escape(exit_status)}
          .SH SEE ALSO
          .BR inotify (7)
        ROFF
      end

      # @return [String] for people without man(1)
      def text
        parts = ["NAME", wrap(NAME), "SYNOPSIS", synopsis.map { |line| indent(line) }.join("\n"),
                 "DESCRIPTION", DESCRIPTION.map { |paragraph| wrap(paragraph) }.join("\n\n"),
                 "OPTIONS", sections.map { |title, options| plain_section(title, options) }.join("\n\n"),
                 "EXIT STATUS", wrap(exit_status)]
        parts.each_slice(2).map { |heading, body| "#{heading}\n#{body}\n" }.join("\n")
      end

      # Shows the page in the terminal, by man(1), or else by a pager. Without a terminal, prints the text.
      #
      # @return [Integer] the exit status; does not return where there is man(1)
      def show
        exec("man", FILE) if $stdout.tty?
        print_text
      rescue SystemCallError
        page
      end

      private

      def page
        before = trap("INT", "IGNORE")
        IO.popen(ENV.fetch("PAGER", "less"), "w") { |pager| pager.write(text) }
        DONE
      rescue Errno::ENOENT
        print_text
      rescue Errno::EPIPE
        # The pager has ended.
        DONE
      ensure
        trap("INT", before) if before
      end

      def print_text
        $stdout.write(text)
        $stdout.flush
        DONE
      end

      def sections = @page.sections.to_a << ["Others", [Options::HELP, Options::VERSION]]

      # Without the explanations.
      def synopsis = @page.head.lines(chomp: true).map { |line| line.sub(/\A(?:Usage:)? +/, "").sub(/  .*/, "") }

      def exit_status = @page.tail[/Exit status: (.*)/m, 1].split.join(" ")

      def section(title, options)
        entries = options.map { |option| ".TP\n.B #{escape(option.names.join(", "))}\n#{escape(help(option))}" }
        [".SS #{escape(title)}", *entries].join("\n")
      end

      def plain_section(title, options)
        entries = options.map { |option| "#{indent(option.names.join(", "))}\n#{wrap(help(option), 2 * INDENT)}" }
        ["   #{title}", *entries].join("\n")
      end

      def help(option) = option.help.tr("\n", " ")

      # Backslashes, hyphens and the first character of a line have a meaning in roff.
      def escape(text) = text.gsub("\\", "\\\\e").gsub("-", "\\-").sub(/\A[.']/) { |first| "\\&#{first}" }

      def indent(line, columns = INDENT) = "#{" " * columns}#{line}"

      def wrap(text, columns = INDENT)
        text.scan(/\S.{0,#{WIDTH - columns - 1}}(?=\s|\z)/).map { |line| indent(line.rstrip, columns) }.join("\n")
      end
    end
  end
end
