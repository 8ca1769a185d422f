# frozen_string_literal: true

module Inotify
  module CLI
    # Completion for fish: `inotify_rs completion fish | source`.
    # @api private
    class FishCompletion
      # @param forms [Array<Completion::Form>]
      def initialize(forms)
        @forms = forms
      end

      # @return [String]
      def script
        <<~FISH
          # Completion of inotify_rs for fish: inotify_rs completion fish | source
          function __inotify_rs_command
            contains -- -- (commandline -opc)
          end
          complete -c inotify_rs -n __inotify_rs_command -f -a '(__fish_complete_subcommand --fcs-skip=(contains -i -- -- (commandline -opc)))'
          complete -c inotify_rs -n __fish_is_first_arg -a '#{Completion::COMMANDS.join(" ")}'
          complete -c inotify_rs -n '__fish_seen_subcommand_from completion' -f -a '#{Completion::SHELLS.join(" ")}'
          #{@forms.map { |form| line(form) }.join("\n")}
        FISH
      end

      private

      # `complete -c inotify_rs -n 'not …' -l on-busy -x -a 'queue restart' -d 'help'`
      def line(form)
        name = form.name.start_with?("--") ? form.name.sub("--", "-l ") : form.name.sub("-", "-s ")
        "complete -c inotify_rs -n 'not __inotify_rs_command' #{name}#{value(form.words)} -d #{quoted(form.help)}"
      end

      def value(words)
        return unless words

        words.empty? ? " -r" : " -x -a #{quoted(words.join(" "))}"
      end

      def quoted(text) = "'#{text.gsub(/['\\]/) { |special| "\\#{special}" }}'"
    end
  end
end
