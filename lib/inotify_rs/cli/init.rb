# frozen_string_literal: true

module Inotify
  module CLI
    # `inotify_rs init`: writes rules for the project in the working directory.
    # @api private
    class Init
      HEAD = <<~YAML
        # Rules of inotify_rs: `inotify_rs` in this directory runs them side by side. The entries of a rule are the long
        # options of `inotify_rs --help`, with `paths` and `run` (a script for sh, or a list of words).
      YAML
      private_constant :HEAD

      # @return [String] a line that says what it wrote
      # @raise [Failure] the file exists
      def run
        raise Failure, "#{Rules::FILE} exists already" if File.exist?(Rules::FILE)

        rules = [tests, server, lint].compact
        rules = [plain] if rules.empty?
        File.write(Rules::FILE, HEAD + rules.map { |rule| "\n#{rule}" }.join)
        "#{Rules::FILE} has rules for #{kind}: #{rules.map { |rule| rule[/\A\w+/] }.join(", ")}\n"
      end

      private

      def rails? = File.exist?("config/application.rb")

      def gem? = Dir["*.gemspec"].any?

      def kind
        return "a Rails application" if rails?

        gem? ? "a gem" : "a project"
      end

      def bundle = File.exist?("Gemfile") ? "bundle exec " : ""

      # The existing ones of these, as a list in YAML.
      def paths(*names) = "[#{names.select { |name| File.exist?(name) }.join(", ")}]"

      # All tests run: a change of the code may break any of them.
      def tests
        dir, command = if File.directory?("spec") then ["spec", "#{bundle}rspec"]
                       elsif File.directory?("test")
                         ["test", rails? ? "bin/rails test" : "#{bundle}rake test"]
                       end
        return unless dir

        <<~YAML
          #{dir == "spec" ? "specs" : "tests"}:
            paths: #{paths("app", "config", "lib", dir)}
            exts: [rb]
            run: #{command}
        YAML
      end

      def server
        return unless rails?

        <<~YAML
          server:
            paths: #{paths("config", "lib", "Gemfile.lock")}
            restart: true
            run: bin/rails server
        YAML
      end

      def lint
        return unless File.exist?(".rubocop.yml")

        <<~YAML
          rubocop:
            exts: [rb]
            gitignore: true
            postpone: true
            types: [written]
            run: [#{"bundle, exec, " unless bundle.empty?}rubocop, --force-exclusion, "{}"]
        YAML
      end

      def plain
        <<~YAML
          changes:
            paths: [.]
            gitignore: true
            postpone: true
            run: echo "changed:" {}
        YAML
      end
    end
  end
end
