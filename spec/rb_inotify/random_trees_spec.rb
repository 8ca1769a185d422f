# frozen_string_literal: true

require "find"
require "set"

# Random things happen in a tree while its events are read. Whoever applies those to the paths there were has all the
# paths there are. There may be more: what a scan found may have moved before it is reported.
RSpec.describe "INotify::Notifier#watch with :recursive, of a tree in turmoil", :slow do
  def root = path("root")

  def actual = Find.find(root).to_set - [root]

  # What a program knows that believes the events.
  def apply(known, event)
    path = event.absolute_name
    if event.moved_from? && event.related.any?
      move(known, path, event.related.first.absolute_name)
    elsif event.moved_from? || event.delete?
      known.delete_if { |it| it == path || it.start_with?("#{path}/") }
    else
      known << path
    end
  end

  def move(known, from, to)
    known.delete_if { |it| it == to || it.start_with?("#{to}/") }
    moved = known.select { |it| it == from || it.start_with?("#{from}/") }
    known.subtract(moved)
    known.merge(moved.map { |it| to + it.delete_prefix(from) })
  end

  def place(random) = File.join([root, *Array.new(random.rand(1..3)) { "abc"[random.rand(3)] }])

  def act(random, outside)
    one = place(random)
    case random.rand(10)
    when 0..3 then FileUtils.mkdir_p(one) && File.write(File.join(one, "file#{random.rand(3)}"), "")
    when 4..6 then File.rename(one, place(random))
    when 7 then File.rename(one, File.join(outside, random.rand(3).to_s))
    when 8 then File.rename(File.join(outside, random.rand(3).to_s), one)
    else FileUtils.rm_rf(one)
    end
  rescue SystemCallError, ArgumentError
    # What it was about is not there, or in the way.
  end

  def actual_directories = [root, *actual.select { |it| File.directory?(it) }].map { |it| it.delete_prefix(dir) }.sort

  # Does random things in a tree. Returns the paths that the events have reported.
  def turmoil(notifier, random)
    [root, path("outside")].each { |name| Dir.mkdir(name) }
    known = Set.new
    notifier.watch(root, :recursive, *%i[create delete move]) { |event| apply(known, event) }
    outside = path("outside")
    writer = Thread.new { 300.times { act(random, outside) && Thread.pass } }
    within do
      notifier.to_io.wait_readable(0.01) && notifier.process while writer.alive?
    end
    process_all(notifier)
    known
  end

  # Expects that all there is is known, and that the directories there are, and no others, are watched.
  def expect_all_reported(notifier, random)
    known = turmoil(notifier, random)
    expect(actual - known).to be_empty
    expect(paths_of(notifier)).to eq(actual_directories)
    expect(directory_wds(notifier).size).to eq(actual_directories.size)
  end

  15.times do |number|
    it "reports everything (#{number})" do
      expect_all_reported(roomy_notifier, Random.new(number))
    end

    it "reports everything when the queue overflows again and again (#{number})", :queue_limit do
      expect_all_reported(with_queue_of(8) { new_notifier }, Random.new(number))
    end
  end
end
