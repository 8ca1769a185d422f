# frozen_string_literal: true

module Inotify
  module CLI
    # `inotify_rs completion SHELL`: a script that completes the arguments there, made of the options there are.
    # @api private
    module Completion
      SHELLS = %w[bash zsh fish].freeze
      # What can be done beside watching.
      COMMANDS = %w[init run doctor completion man].freeze
      # A way to write an option, and what it may be given: nil for nothing, [] where nobody knows, or words.
      Form = Struct.new(:name, :words, :help)

      module_function

      # @param arguments [Array<String>] the name of a shell
      # @return [String]
      # @raise [Failure] not one that is known
      def script(arguments)
        case arguments
        in ["bash"] then BashCompletion.new(forms).script
        in ["zsh"] then ZshCompletion.new(forms).script
        in ["fish"] then FishCompletion.new(forms).script
        else raise Failure.usage("completion is there for #{SHELLS.join(", ")}: `inotify_rs completion bash`")
        end
      end

      # @return [Array<Form>] `-0`, `--null`, `--color`, `--no-color` …
      def forms
        options = Options::MAIN.options + [Options::HELP, Options::VERSION]
        options.flat_map do |option|
          names(option).map { |name| Form.new(name, words(option), option.help.tr("\n", " ")) }
        end
      end

      def names(option)
        option.names.map { |name| name[/\A\S+/] }.flat_map do |name|
          name.include?("[no-]") ? [name.sub("[no-]", ""), name.delete("[]")] : [name]
        end
      end
      private_class_method :names

      def words(option)
        return unless option.takes
        return Signal.list.keys - ["EXIT"] if option.takes == :signal

        option.takes == :types ? Types::ALL.map(&:to_s) : option.words || []
      end
      private_class_method :words
    end
  end
end
