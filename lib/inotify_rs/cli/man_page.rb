# frozen_string_literal: true

module Inotify
  module CLI
    # The manual page, made from the same options as `--help`.
    # @api private
    class ManPage
      INTRODUCTION = "Shows what changes in directory trees, or runs a command after changes. Nothing is lost, " \
                     "however fast changes come. PATH is a directory, with all that is in it, or a file; the " \
                     "working directory if none is given. One that is not there yet is watched when it appears."
      COMMAND = "COMMAND runs at the start, and again after each batch of changes, one run at a time, without a " \
                "shell. In a terminal, it has the terminal while it runs. An argument with {} in it stands for as " \
                "many with the changed paths in its place; the variable INOTIFY_RS_PATHS has them a line each. " \
                "When inotify_rs ends, for whatever reason, what COMMAND started ends with it. In a terminal, keys " \
                "do something between the runs: r runs COMMAND again, p pauses, c clears the screen, q quits."
      private_constant :INTRODUCTION, :COMMAND

      # @param page [Options::Page]
      def initialize(page)
        @page = page
      end

      # @return [String] its source, see man(7)
      def text
        <<~ROFF
          .TH INOTIFY_RS 1 "" "inotify_rs #{VERSION}" "User Commands"
          .SH NAME
          inotify_rs \\- show what changes in directory trees, or run a command after changes
          .SH SYNOPSIS
          .nf
          #{synopsis}
          .fi
          .SH DESCRIPTION
          #{escape(INTRODUCTION)}
          .PP
          #{escape(COMMAND)}
          .SH OPTIONS
          #{@page.sections.map { |title, options| section(title, options) }.join("\n")}
          #{section("Others", [Options::HELP, Options::VERSION])}
          .SH EXIT STATUS
          #{escape(@page.tail[/Exit status: (.*)/, 1])}
          .SH SEE ALSO
          .BR inotify (7)
        ROFF
      end

      private

      def synopsis
        @page.head.lines(chomp: true).map { |line| escape(line.sub(/\A(?:Usage:)? +/, "").sub(/  .*/, "")) }.join("\n")
      end

      def section(title, options) = [".SS #{escape(title)}", *options.map { |option| entry(option) }].join("\n")

      def entry(option) = ".TP\n.B #{escape(option.names.join(", "))}\n#{escape(option.help.tr("\n", " "))}"

      # Backslashes, hyphens and the first character of a line have a meaning in roff.
      def escape(text) = text.gsub("\\", "\\\\e").gsub("-", "\\-").sub(/\A[.']/) { |first| "\\&#{first}" }
    end
  end
end
