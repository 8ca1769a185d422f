# frozen_string_literal: true

require_relative "program"

# README.md and its like: their code blocks, headings, links and tables.
module Documents
  # A code block: its language, the line of its first line, and what a block of text behind it says it prints.
  Block = Struct.new(:language, :line, :body, :output)
  # A table: its first line, its lines, and the text of the section it is in, and of those around that.
  Table = Struct.new(:line, :rows, :sections)

  # One file.
  class Document
    attr_reader :name, :text

    def initialize(name)
      @name = name
      @text = File.read(File.join(Program::ROOT, name), encoding: "UTF-8")
    end

    def blocks
      pattern = /^```(\w*)\n(.*?)^```\n(?:```text\n(.*?)^```\n)?/m
      text.to_enum(:scan, pattern).map do
        match = Regexp.last_match
        Block.new(match[1], match.pre_match.count("\n") + 2, match[2], match[3])
      end
    end

    # Blocks that are indented, which nobody runs.
    def indented = prose.scan(/(?:^ {4,}\S.*\n)+/)

    # As GitHub makes them.
    def anchors
      slugs = headings.map { |_, title| title.downcase.gsub(/[^\p{Word}\- ]/, "").tr(" ", "-") }
      slugs.each_with_index.map { |slug, i| (n = slugs.first(i).count(slug)).zero? ? slug : "#{slug}-#{n}" }
    end

    # The targets of links and images, except for those of the web.
    def links = unquoted.scan(/\]\(([^)\s]+)\)/).flatten.grep_v(/\A\w+:/)

    def tables
      prose.to_enum(:scan, /(?:^\|.*\n)+/).map do
        match = Regexp.last_match
        line = match.pre_match.count("\n") + 1
        Table.new(line, match[0].lines(chomp: true), sections(match.pre_match, match.post_match))
      end
    end

    private

    # Without code blocks; as many lines.
    def prose = text.gsub(/^```.*?^```$/m) { |block| "\n" * block.count("\n") }

    def unquoted = prose.gsub(/`[^`\n]*`/, "")

    def headings = prose.scan(/^(#+) (.*)/)

    # The text of the section around a place, and of those that it is in, up to their first subsection.
    def sections(before, after)
      own = before[/^#+ [^\n]*\n(?:(?!^#+ ).)*\z/m].to_s + after[/\A.*?(?=^#+ |\z)/m]
      level = own[/\A#+/].to_s.size
      above = before.split(/^(?=#+ )/).reverse.drop(1).select do |section|
        section[/\A#+/].to_s.size < level && (level = section[/\A#+/].to_s.size)
      end
      [own, *above]
    end
  end

  ALL = Dir.chdir(Program::ROOT) { %w[README.md CONTRIBUTING.md CHANGELOG.md bench/README.md] + Dir["docs/*.md"] }
           .map { |name| Document.new(name) }.freeze

  def self.find(name) = ALL.find { |document| document.name == name }
end
