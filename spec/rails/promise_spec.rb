# frozen_string_literal: true

require "inotify_rs/rails"

# What a stranger sees who looks at the files themselves: {#updated?} is true whenever that changed.
RSpec.describe Inotify::FileUpdateChecker, "whatever happens" do
  # Changes a few directories at random.
  def hand(seed) = RandomHand.new(dir, Random.new(seed))

  let(:subjects) do
    [{ path("app") => [".rb"], path("lib/deep") => [] }, { path("ext") => [".erb"], path("app/a") => [".erb"] }]
  end

  # What there is to see of the files that count: inode and content by path, by whatever way.
  def look(dirs) = dirs.map { |dir, extensions| files(dir, extensions) }

  def files(dir, extensions, through = [])
    return [] if !File.directory?(dir) || through.include?(File.stat(dir).ino)

    through += [File.stat(dir).ino]
    Dir.children(dir).grep_v(/\A\./).sort.flat_map do |name|
      path = File.join(dir, name)
      next files(path, extensions, through) if File.directory?(path)

      counts = File.file?(path) && (extensions.empty? || name.end_with?(*extensions))
      counts ? [[path, File.stat(path).ino, File.read(path)]] : []
    end
  end

  3.times do |round|
    it "reports every change, in round #{round + 1}" do
      hand = hand(Integer(ENV.fetch("INOTIFY_RS_MODEL_SEED", "0")) + round)
      watched = subjects.map { |dirs| [dirs, checker(dirs), look(dirs)] }
      60.times do
        steps = hand.act
        watched.each do |known|
          seen = look(known.first)
          reported = noticed?(known[1])
          expect([steps, reported]).to eq [steps, true] if seen != known.last
          known[2] = seen
        end
      end
    end
  end

  it "seldom reports more than that" do
    hand = hand(9)
    checker = checker(subjects.first)
    reported = Array.new(60) do
      before = look(subjects.first)
      hand.act
      noticed?(checker) && before == look(subjects.first)
    end
    expect(reported.count(true)).to be < 15
  end
end
