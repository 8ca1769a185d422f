# frozen_string_literal: true

# The programs themselves, unchanged, with rb-inotify and with what stands for it.
RSpec.describe "what needs rb-inotify" do
  include Consumers

  # What a program prints when there is a change of `path`: most name it, the checker says that there is one.
  def report_of(name, path) = name.include?("Checker") ? /^updated/ : /#{Regexp.escape(path)}/

  # Does something until the program reports it: what happens in one go may be one change to it.
  def sees(program, name, path)
    yield
    line_like(program, report_of(name, path))
  end

  def sees_nested?(program, name, number, **limit)
    FileUtils.mkdir_p(watched("a#{number}/b/c"))
    File.write(watched("a#{number}/b/c/three.rb"), "3")
    line_like(program, report_of(name, "a#{number}/b/c/three.rb"), **limit) && true
  rescue RuntimeError
    false
  end

  def watched(name) = path("watched/#{name}")

  # What of the two a program has loaded. Jekyll has ffi for Sass as well.
  def engines(program, name)
    libraries = { "inotify_rs" => "inotify_rs.so", "rb-inotify" => "ffi_c.so" }
    maps = File.read("/proc/#{program.pid}/maps")
    found = libraries.keys.select { |engine| maps.include?(libraries[engine]) }
    name.include?("jekyll") ? found.first(1) : found
  end

  environments = { "rb-inotify" => {}, "inotify_rs" => { "RUBYOPT" => Stock::RUBYOPT } }

  Consumers::PROGRAMS.each_key do |name|
    environments.each do |engine, environment|
      next if engine == "rb-inotify" && !Stock.stock?

      it "is #{name}, which sees on #{engine} a new file, an edit, a rename, a deletion and a nested directory",
         if: Consumers.installed?(name) do
        consumer(name, environment) do |program|
          sees(program, name, "one.rb") { File.write(watched("one.rb"), "1") }
          sees(program, name, "one.rb") { File.write(watched("one.rb"), "another") }
          sees(program, name, "two.rb") { File.rename(watched("one.rb"), watched("two.rb")) }
          sees(program, name, "two.rb") { File.delete(watched("two.rb")) }
          # rb-inotify misses one now and then.
          attempts, limit = engine == "rb-inotify" ? [1..5, { limit: 5 }] : [[1], {}]
          expect(attempts).to(be_any { |number| sees_nested?(program, name, number, **limit) })
          expect(engines(program, name)).to eq([engine])
        end
      end
    end
  end

  it "is listen, which sees on inotify_rs all of 100 files in directories that are made and filled at once",
     if: Consumers.installed?("listen") do
    consumer("listen", environments["inotify_rs"]) do |program|
      system("sh", "-c", "for i in $(seq 100); do mkdir -p $i/b/c/d && touch $i/b/c/d/f; done", chdir: path("watched"))
      names = []
      names |= [line_like(program, %r{/f$})] while names.size < 100
      expect(names.size).to eq(100)
    end
  end

  it "is listen, which goes on on inotify_rs after the queue has overflowed, and finds what has changed",
     :queue_limit, if: Consumers.installed?("listen") do
    FileUtils.mkdir_p(path("watched/sub"))
    touch("watched/sub/gone", "watched/gone")
    with_queue_of(8) do
      consumer("listen", environments["inotify_rs"]) do |program|
        # Then it knows what there is.
        sees(program, "listen", "first") { touch("watched/first") }
        program.signal(:STOP)
        touch_many(20) { |name| FileUtils.touch(watched("filler#{name}")) }
        %w[gone sub/gone].each { |name| File.delete(watched(name)) }
        touch("watched/sub/new")
        program.signal(:CONT)
        reported = []
        reported |= [line_like(program, %r{removed gone|removed sub/gone|added sub/new})] while reported.size < 3
        expect(reported).to contain_exactly("added sub/new\n", "removed gone\n", "removed sub/gone\n")
      end
    end
  end
end
