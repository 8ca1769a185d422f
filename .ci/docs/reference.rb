# frozen_string_literal: true

require "ripper"
require "yard"
require "fileutils"

module Docs
  # Writes a Markdown page for each public class and module, from the comments in lib/.
  class Reference
    TAGS = { param: nil, yieldparam: "yields", return: "returns", raise: "raises" }.freeze
    private_constant :TAGS

    # @param root [String] of the repository
    def initialize(root)
      YARD::Registry.clear
      YARD.parse(File.join(root, "lib/**/*.rb"), [], YARD::Logger::ERROR)
      @modules = YARD::Registry.all(:module, :class).select { |object| public?(object) }
      @modules.sort_by! { |object| [object.path.start_with?("INotify") ? 1 : 0, object.path] }
    end

    # @param dir [String] where the pages are written
    def write(dir)
      FileUtils.mkdir_p(dir)
      @modules.each { |object| File.write(File.join(dir, "#{name(object)}.md"), page(object)) }
      File.write(File.join(dir, "index.md"), index)
    end

    private

    def public?(object)
      return true if object.root?

      object.visibility == :public && object.tag(:api)&.text != "private" && !object.docstring.blank? &&
        public?(object.namespace)
    end

    # On the file system of a Mac, `INotify` and `Inotify` are one name.
    def name(object) = object.path.gsub("::", "-").sub(/\AINotify/, "rb-inotify")

    def label(object)
      path = object.path.sub(/\AINotify/, "rb-inotify")
      "api-#{path.gsub(/[^A-Za-z0-9]/) { |sign| format("-%x-", sign.ord) }}".downcase
    end

    def index
      rows = @modules.map { |object| "| [`#{object.path}`](#{name(object)}.md) | #{summary(object)} |" }
      <<~MARKDOWN
        # Reference

        Every public class and module. The pages are made from the comments in the source.

        | | |
        |---|---|
        #{rows.join("\n")}

        ```{toctree}
        :hidden:

        #{@modules.map { |object| name(object) }.join("\n")}
        ```
      MARKDOWN
    end

    def summary(object) = text(object).tr("\n", " ")[/\A.*?\.(?= |\z)/].to_s.gsub("|", "\\|")

    def page(object)
      own, others = methods(object).partition { |method| method.scope == :class || method.constructor? }
      sections = { "Constants" => constants(object), "Class methods" => own.map { |method| about(method) },
                   "Methods" => others.map { |method| about(method) } }
      parts = [heading(object), superclass(object), text(object)].compact
      parts += sections.reject { |_, texts| texts.empty? }.flat_map { |title, texts| ["## #{title}", *texts] }
      "#{parts.join("\n\n")}\n"
    end

    def heading(object) = "(#{label(object)})=\n\n# #{object.path}"

    def superclass(object)
      "A subclass of `#{object.superclass.path}`." if object.type == :class && object.superclass.path != "Object"
    end

    def constants(object)
      object.constants(inherited: false).select { |it| public?(it) }
            .map { |it| "(#{label(it)})=\n`#{it.name}`: #{text(it)}" }
    end

    def methods(object)
      found = object.meths(inherited: false).select { |method| public?(method) && !method.is_alias? }
      found.sort_by { |method| method.name.to_s }
    end

    def about(method)
      parts = ["(#{label(method)})=", "### `#{signature(method)}`", text(method), tags(method)]
      also = method.aliases.select { |it| public?(it) }.map { |it| "`#{it.name}`" }
      parts << "The same as #{also.join(", ")}." if also.any?
      parts.reject(&:empty?).join("\n\n")
    end

    def signature(method)
      name = method.constructor? ? "new" : method.name.to_s
      parameters = method.parameters.reject { |parameter, _| parameter.start_with?("&") }
      return name if parameters.empty? || method.is_attribute?

      words = parameters.map { |word, default| [word, default].compact.join(word.end_with?(":") ? " " : " = ") }
      "#{name}(#{words.join(", ")})"
    end

    def tags(method)
      lines = TAGS.flat_map do |kind, word|
        method.tags(kind).map do |tag|
          "* #{[word, tag.name && "`#{tag.name}`", types(tag)].compact.join(" ")}#{what(method, tag)}"
        end
      end
      lines.join("\n")
    end

    def types(tag) = tag.types && "(`#{tag.types.join(", ")}`)"

    def what(method, tag)
      tag.text.to_s.empty? ? "" : ": #{links(method, tag.text).gsub(/\n\s*/, " ")}"
    end

    def text(object)
      lines = links(object, object.docstring.to_s)
      # Code is indented by two.
      lines.gsub(/(?<=\n\n)(?:  +\S.*(?:\n+(?=  )|\n*))+/) { |code| block(code.gsub(/^  /, "").strip) }.strip
    end

    # Parts may be left out in an example.
    def block(code) = "```#{Ripper.sexp(code) && !code.include?("…") ? "ruby" : "text"}\n#{code}\n```\n\n"

    # {Watcher#take} as a link, except in code.
    def links(object, text)
      text.gsub(/`[^`]*`|^  .*|\{([A-Z:#.][\w:#.?!=]*)(?: ([^}]+))?\}/) do |found|
        name, title = Regexp.last_match.captures
        name ? link(object, name, title || "`#{name.delete_prefix("#").sub(/\binitialize\z/, "new")}`") : found
      end
    end

    def link(object, name, title)
      target = YARD::Registry.resolve(object, name, true)
      target && public?(target) ? "[#{title}](#{label(target)})" : title
    end
  end
end
