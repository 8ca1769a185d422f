# frozen_string_literal: true

# Rules and paths made up at random, from few pieces so that many match; the same for the same seed.
class RandomRules
  NAMES = ["a", "b", "ab", "A", ".x", "a b", "a.log", "b.LOG", "[", "{a}", "a,b", "\\", "caf\xE9"].map(&:b).freeze
  PIECES = (%w(a b A . * ** ? / / **/ /** *.log [ab] [!b] [^a-b] []a] [a- [A-Z] [z-a] [ ] {a,b} { } , # !) +
            %w([[:alpha:]] [[:space:]] [[:upper:]]) + ["\\", "\\a", "\\*", "\\ ", " ", "\xE9", "\t"]).map(&:b).freeze
  private_constant :NAMES, :PIECES

  attr_reader :seed

  def initialize(seed)
    @seed = seed
    @random = Random.new(seed)
  end

  def number(range) = @random.rand(range)

  def chance?(in_hundred) = @random.rand(100) < in_hundred

  def pick(list) = list[@random.rand(list.size)]

  # @return [String] a line of a .gitignore file
  def pattern(pieces: 1..5) = Array.new(number(pieces)) { pick(PIECES) }.join

  # @return [String] the text of a .gitignore file
  def rules(lines: 1..6)
    lines = Array.new(number(lines)) { "#{"!" if chance?(25)}#{pattern}#{"\r" if chance?(3)}" }
    "#{"\u{feff}".b if chance?(3)}#{lines.join("\n")}#{"\n" if chance?(80)}".b
  end

  # @return [String]
  def path(depth: 1..4) = Array.new(number(depth)) { pick(NAMES) }.join("/".b)
end
