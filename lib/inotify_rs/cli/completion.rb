# frozen_string_literal: true

module Inotify
  module CLI
    # `inotify_rs completion SHELL`: a script for the shell that completes arguments, made from {Options}.
    # @api private
    module Completion
      SHELLS = %w[bash zsh fish].freeze
      # What the first argument may be, unless it is a PATH or an option.
      COMMANDS = %w[init run doctor completion help man].freeze
      # A way to write an option. `words` are its possible values: nil without a value, [] where any value is possible.
      Form = Struct.new(:name, :words, :help)

      module_function

      # @param arguments [Array<String>] the name of a shell
      # @return [String]
      # @raise [Failure] the shell is unknown
      def script(arguments)
        case arguments
        in ["bash"] then Bash.new(forms).script
        in ["zsh"] then Zsh.new(forms).script
        in ["fish"] then Fish.new(forms).script
        else raise Failure.usage("completion supports #{SHELLS.join(", ")}: `inotify_rs completion bash`")
        end
      end

      # @return [Array<Form>] `-0`, `--null`, `--color`, `--no-color` …
      def forms
        Options::MAIN.all_options.flat_map do |option|
          option.forms.keys.map { |name| Form.new(name, words(option), option.help.tr("\n", " ")) }
        end
      end

      def words(option)
        return unless option.takes
        return Signal.list.keys - ["EXIT"] if option.takes == :signal

        option.takes == :types ? Records::Types::ALL.map(&:to_s) : option.words || []
      end
      private_class_method :words

      # For bash: `source <(inotify_rs completion bash)`.
      class Bash
        # @param forms [Array<Form>]
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
              # A command follows after --.
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
              # Bash splits --option=value into three words.
              [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}
              [[ $cur == = ]] && cur=
              case $prev in
            #{cases}
              esac
              if [[ $cur == -* ]]; then
                words="#{@forms.map(&:name).join(" ")} --"
              elif ((COMP_CWORD == 1)); then
                words="#{COMMANDS.join(" ")}"
              elif [[ ${COMP_WORDS[1]} == completion ]]; then
                words="#{SHELLS.join(" ")}"
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

        # The possible values of each option that takes one.
        def cases
          @forms.select(&:words).group_by(&:words).map do |words, forms|
            reply = %( mapfile -t COMPREPLY < <(compgen -W "#{words.join(" ")}" -- "$cur");) unless words.empty?
            "    #{forms.map(&:name).join(" | ")})#{reply} return ;;"
          end.join("\n")
        end
      end

      # For zsh: `source <(inotify_rs completion zsh)`, or a file `_inotify_rs` in a directory of $fpath.
      class Zsh
        # @param forms [Array<Form>]
        def initialize(forms)
          @forms = forms
        end

        # @return [String]
        def script
          <<~ZSH
            #compdef inotify_rs
            # Completion of inotify_rs for zsh: source <(inotify_rs completion zsh)
            _inotify_rs_first() {
              _alternative 'commands:command:(#{COMMANDS.join(" ")})' 'files:path:_files'
            }

            _inotify_rs() {
              # A command follows after --.
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

        # `'*--on-busy=[help]:what:(queue restart)'`; the star allows repetition.
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

      # For fish: `inotify_rs completion fish | source`.
      class Fish
        # @param forms [Array<Form>]
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
            complete -c inotify_rs -n __fish_is_first_arg -a '#{COMMANDS.join(" ")}'
            complete -c inotify_rs -n '__fish_seen_subcommand_from completion' -f -a '#{SHELLS.join(" ")}'
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
end
