# frozen_string_literal: true

require "ripper"
require_relative "program"

# The sentences in the source: what a user may read somewhere. Interpolated parts are `…`.
module Sentences
  # Two words, or a word and something interpolated.
  SENTENCE = /\p{Alpha}{2,}[:;,]? (\p{Alpha}{2,}|…)|… \p{Alpha}{2,}/
  # A string that is not of bytes, or something else in quotes.
  RUST_LITERAL = /b'(?:\\.[^']*|[^\\'])'|'(?:\\.[^']*|[^\\'])'|b"(?:[^"\\]|\\.)*"|"((?:[^"\\]|\\.)*)"/m

  module_function

  # @return [Array<Array(String, String)>] file and sentence
  def all = of_ruby + of_rust

  def of_ruby
    files("lib/**/*.rb", "exe/*", "ext/*/extconf.rb").flat_map do |file, source|
      found = []
      collect(Ripper.sexp(source), found)
      sentences(file, found)
    end
  end

  def of_rust
    files("ext/*/src/**/*.rs").flat_map { |file, source| sentences(file, rust_literals(source)) }
  end

  def files(*patterns)
    Dir.glob(patterns, base: Program::ROOT).map do |file|
      [file, File.read(File.join(Program::ROOT, file), encoding: "UTF-8")]
    end
  end

  def sentences(file, literals)
    # Scripts and templates have more lines.
    texts = literals.reject { |text| text.count("\n") > 1 }.map { |text| joined(text.tr("\n", " ")) }
    texts.grep(SENTENCE).uniq.map { |text| [file, text] }
  end

  # With one `…` for several side by side.
  def joined(text) = text.gsub(/(… ?)+/) { |all| all.end_with?(" ") ? "… " : "…" }.strip

  # Collects the string literals below a node of Ruby's syntax tree.
  def collect(node, found)
    return unless node.is_a?(Array)

    text = text_of(node)
    found << text if text
    node.each { |child| collect(child, found) } unless text
    embedded(node) { |child| collect(child, found) } if text
  end

  # The text of a string literal, or of some that stand side by side; nil for another node.
  def text_of(node)
    case node.first
    when :string_literal then node[1].drop(1).map { |part| part[0] == :@tstring_content ? unescape(part[1]) : "…" }.join
    when :string_concat then node.drop(1).map { |part| text_of(part) }.join
    end
  end

  # What is interpolated into a string literal.
  def embedded(node, &block)
    case node.first
    when :string_literal then node[1].drop(1).select { |part| part[0] == :string_embexpr }.each(&block)
    when :string_concat then node.drop(1).each { |part| embedded(part, &block) }
    end
  end

  # The string literals of Rust code, without its comments, attributes, tests and broken invariants.
  def rust_literals(source)
    code = source.split(/^\s*#\[cfg\(test\)\]/).first.gsub(%r{^\s*//.*$}, "").gsub(/#!?\[.*?\]$/m, "")
    code = code.gsub(/\b(must|debug_assert!)\((?:(?!;$).)*?"\)/m, "")
    code.scan(RUST_LITERAL).filter_map { |text,| unescape(text.gsub(/\\\n\s*/, "").gsub(/\{[^{}]*\}/, "…")) if text }
  end

  def unescape(text) = text.gsub(/\\(["\\`#])/, '\1').gsub('\n', "\n")
end
