# frozen_string_literal: true

module Inotify
  module CLI
    # The rules in `.inotify_rs.yml`: by their names, what each watches and runs.
    #
    #   specs:
    #     paths: [app, spec]
    #     exts: [rb]
    #     run: bundle exec rspec
    # @api private
    class Rules
      FILE = ".inotify_rs.yml"
      # What the one who runs the rules sets itself.
      UNFIT = %i[ready_fd tty stdin_quit].freeze
      # Options that take a list with commas.
      COMMAS = %i[exts types].freeze
      Rule = Struct.new(:name, :arguments)
      private_constant :UNFIT, :COMMAS, :Rule

      # @param names [Array<String>] of the rules that are asked for; none: all
      # @return [Array<Rule>]
      # @raise [Failure] they make no sense
      def self.read(names)
        rules = load
        unknown = names - rules.keys
        raise Failure.usage("#{FILE} has no rule #{unknown.first}; it has #{rules.keys.join(", ")}") if unknown.any?

        rules = rules.slice(*names) unless names.empty?
        rules.map { |name, entries| new(name, entries).rule }
      end

      def self.load
        require "yaml"
        rules = YAML.safe_load(File.read(FILE))
        return rules.transform_keys(&:to_s) if rules.is_a?(Hash) && rules.any?

        raise Failure, "#{FILE}: it has no rules: `NAME:` with `paths:` and `run:` below"
      rescue SystemCallError, Psych::Exception => e
        raise Failure, "#{FILE}: #{e.message.sub(/ @ \w+ -/, " -")}"
      end
      private_class_method :load

      def initialize(name, entries)
        @name = name
        @entries = entries.is_a?(Hash) ? entries.transform_keys { |key| key.to_s.tr("-", "_").to_sym } : {}
      end

      # @return [Rule] whose arguments make sense
      def rule
        raise Failure, "it needs `paths:` and `run:`" if @entries.empty?

        Settings.parse(arguments)
        Rule.new(@name, arguments)
      rescue Failure => e
        raise Failure.new("#{FILE}: #{@name}: #{e.message}", e.status)
      end

      private

      def arguments
        options = @entries.except(:paths, :run).flat_map { |key, value| option(key, value) }
        run = @entries[:run]
        options << "--shell" if run.is_a?(String)
        [*options, *list(@entries[:paths]), *("--" if run), *list(run)]
      end

      # @return [Array<String>] an option of the command line, as often as it takes
      def option(key, value)
        option = Options::MAIN.options.find { |it| it.key == key }
        raise Failure, "there is no entry #{key}; see `inotify_rs --help`" if option.nil? || UNFIT.include?(key)

        long = "--#{key.to_s.tr("_", "-")}"
        return flag(option, long, value) unless option.takes

        values = list(value)
        values = [values.join(",")] if COMMAS.include?(key)
        values.map { |it| "#{long}=#{it}" }
      end

      def flag(option, long, value)
        raise Failure, "#{long.delete_prefix("--")} is true or false, not #{value.inspect}" unless
          [true, false].include?(value)

        name = option.names.last
        return [value ? long : long.sub("--", "--no-")] if name.start_with?("--[no-]")
        return value ? [] : [name] if name.start_with?("--no-")

        value ? [long] : []
      end

      def list(value) = [*value].map(&:to_s)
    end
  end
end
