# frozen_string_literal: true

module Inotify
  module CLI
    # An option: its names, the method of {Values} for its value, the words it accepts if only some, and its help.
    # @api private
    Option = Struct.new(:names, :takes, :words, :help) do
      # @return [Symbol] its name in {Settings}
      def key = names.last[/\A--(?:\[no-\]|no-)?([a-z-]+)/, 1].tr("-", "_").to_sym

      # @return [String] `--on-busy`
      def long = names.last[/\A--(?:\[no-\])?[a-z-]+/].sub("[no-]", "")

      # @return [Hash{String => Boolean}] the ways to write it, and the value of each unless it takes one:
      #   `{"--color" => true, "--no-color" => false}`
      def forms
        names.each_with_object({}) do |name, forms|
          word = name[/\A\S+/]
          forms[word.sub("[no-]", "")] = !word.start_with?("--no-")
          forms[word.delete("[]")] = false if word.include?("[no-]")
        end
      end

      # @param value [String, Boolean] from the command line
      # @return [Object]
      # @raise [Failure] the option does not accept this value
      def convert(value) = takes ? Values.public_send(takes, long, value, *words && [words]) : value
    end
  end
end
