# frozen_string_literal: true

RSpec.describe "INotify::Notifier#watch with :recursive, when the limit of watches is reached" do
  before { skip "needs user namespaces" unless namespaces? }

  # What a ruby prints that may have so many watches more than the way to the root takes.
  def limited(watches, script)
    ruby_in_namespace(<<~RUBY).lines(chomp: true)
      def dir = #{dir.inspect}
      def limit(watches) = File.write("/proc/sys/user/max_inotify_watches", (#{Dir.tmpdir.count("/") + 2} + watches).to_s)
      def watched(notifier) = File.readlines("/proc/self/fdinfo/\#{notifier.fd}").grep(/^inotify/).size
      def make(*names) = names.each { |name| FileUtils.mkdir_p(File.join(dir, name)) }
      #{Notified::PRELUDE}
      limit(#{watches})
      #{script}
    RUBY
  end

  it "scans what is beyond it, and warns once" do
    expect(limited(3, <<~RUBY)).to eq %w[true 1 true]
      9.times { |number| make("t/\#{number}/in") }
      tree = notifier
      9.times { |number| write("t/\#{number}/in/f") }
      p reported(tree, *Array.new(9) { |number| "close_write t/\#{number}/in/f" }).any?
      9.times { |number| File.delete(File.join(dir, "t/\#{number}/in/f")) }
      reported(tree, *Array.new(9) { |number| "delete t/\#{number}/in/f" })
      puts $warned.size
      p $warned.first.match?(/max_inotify_watches.*it needs \\d+ more.*scanned every 1 s until it can be watched/)
    RUBY
  end

  it "watches it as soon as there are watches" do
    expect(limited(3, <<~RUBY)).to eq %w[true]
      9.times { |number| make("t/\#{number}") }
      tree = notifier("t", :create)
      limit(1000)
      watches = -> { Dir["/proc/self/fdinfo/*"].sum { |file| File.readlines(file).grep(/^inotify/).size rescue 0 } }
      Timeout.timeout(#{Waiting::LIMIT}) { Thread.pass until watches.call > 9 }
      9.times { |number| write("t/\#{number}/f") }
      p reported(tree, *Array.new(9) { |number| "create t/\#{number}/f" }).any?
    RUBY
  end

  it "polls what a tree becomes when it grows beyond it, and reports what is there once" do
    expect(limited(4, <<~RUBY)).to eq %w[true true true 1]
      make("t/known")
      write("t/known/f")
      tree = notifier("t", :create, :modify)
      9.times { |number| make("t/\#{number}/in").then { write("t/\#{number}/in/f") } }
      all = reported(tree, *Array.new(9) { |number| "create t/\#{number}/in/f" })
      p all.none? { |it| it.include?("known") }
      write("t/known/f", "again")
      p reported(tree, "modify t/known/f").any?
      9.times { |number| write("t/\#{number}/in/later") }
      p reported(tree, *Array.new(9) { |number| "create t/\#{number}/in/later" }).any?
      puts $warned.size
    RUBY
  end

  it "polls a tree of which not even the root can be watched" do
    expect(limited(0, <<~RUBY)).to eq %w[true]
      make("t/d", "u")
      one = notifier("u", :create)
      one.watch(File.join(dir, "t"), :recursive, :create) { |event| $reported << relative(event.absolute_name) }
      write("t/d/f")
      p reported(one, "t/d/f").any?
    RUBY
  end

  it "makes listen see everything", if: Consumers.installed?("listen") do
    expect(limited(3, <<~RUBY)).to eq %w[true]
      9.times { |number| make("t/\#{number}").then { write("t/\#{number}/f") } }
      all = Array.new(9) { |number| ["modified t/\#{number}/f", "added t/\#{number}/in/new"] }.flatten
      found = listened(*all) do
        9.times { |number| make("t/\#{number}/in").then { write("t/\#{number}/in/new") } }
        9.times { |number| write("t/\#{number}/f", "again") }
      end
      p (all - found).empty?
    RUBY
  end
end
