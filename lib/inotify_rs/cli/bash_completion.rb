# frozen_string_literal: true

module Inotify
  module CLI
    # Completion for bash: `source <(inotify_rs completion bash)`.
    # @api private
    class BashCompletion
      # @param forms [Array<Completion::Form>]
      def initialize(forms)
        @forms = forms
      end

      # @return [String]
      def script
        <<~BASH
          # Completion of inotify_rs for bash: source <(inotify_rs completion bash)
          _inotify_rs() {
            local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} words="" i
            COMPREPLY=()
            # Behind --, there is a command.
            for ((i = 1; i < COMP_CWORD; i++)); do
              if [[ ${COMP_WORDS[i]} == -- ]]; then
                if declare -F _command_offset >/dev/null; then
                  _command_offset $((i + 1))
                else
                  mapfile -t COMPREPLY < <(compgen -c -f -- "$cur")
                fi
                return
              fi
            done
            # Of --option=value, bash makes three words.
            [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}
            [[ $cur == = ]] && cur=
            case $prev in
          #{cases}
            esac
            if [[ $cur == -* ]]; then
              words="#{@forms.map(&:name).join(" ")} --"
            elif ((COMP_CWORD == 1)); then
              words="#{Completion::COMMANDS.join(" ")}"
            elif [[ ${COMP_WORDS[1]} == completion ]]; then
              words="#{Completion::SHELLS.join(" ")}"
            fi
            mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
            if [[ $cur != -* ]]; then
              mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$cur")
              compopt -o filenames 2>/dev/null
            fi
          }
          complete -F _inotify_rs inotify_rs
        BASH
      end

      private

      # Of the options that take something, what that may be.
      def cases
        @forms.select(&:words).group_by(&:words).map do |words, forms|
          reply = %( mapfile -t COMPREPLY < <(compgen -W "#{words.join(" ")}" -- "$cur");) unless words.empty?
          "    #{forms.map(&:name).join(" | ")})#{reply} return ;;"
        end.join("\n")
      end
    end
  end
end
