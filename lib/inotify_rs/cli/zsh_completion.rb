# frozen_string_literal: true

module Inotify
  module CLI
    # Completion for zsh: `source <(inotify_rs completion zsh)`, or a file `_inotify_rs` in a directory of $fpath.
    # @api private
    class ZshCompletion
      # @param forms [Array<Completion::Form>]
      def initialize(forms)
        @forms = forms
      end

      # @return [String]
      def script
        <<~ZSH
          #compdef inotify_rs
          # Completion of inotify_rs for zsh: source <(inotify_rs completion zsh)
          _inotify_rs_first() {
            _alternative 'commands:command:(#{Completion::COMMANDS.join(" ")})' 'files:path:_files'
          }

          _inotify_rs() {
            # Behind --, there is a command.
            local -i place=${words[(i)--]}
            if ((place < CURRENT)); then
              shift $place words
              ((CURRENT -= place))
              _normal
              return
            fi
            _arguments \\
          #{specs.map { |spec| "    #{spec} \\" }.join("\n")}
              '1:path:_inotify_rs_first' '*:path:_files'
          }

          if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
            _inotify_rs "$@"
          else
            compdef _inotify_rs inotify_rs
          fi
        ZSH
      end

      private

      # `'*--on-busy=[help]:what:(queue restart)'`; the star lets it come again.
      def specs
        @forms.map do |form|
          help = form.help.gsub("'", "'\\\\''").gsub(/[\[\]:]/) { |special| "\\#{special}" }
          "'*#{form.name}#{"=" if form.words}[#{help}]#{value(form.words)}'"
        end
      end

      def value(words)
        return unless words

        words.empty? ? ":value: " : ":value:(#{words.join(" ")})"
      end
    end
  end
end
