# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "#checkpoint and the disk" do
  let(:calls) { %w[write fsync fdatasync rename renameat renameat2].join(",") }

  let(:full_disk) do
    <<~'RUBY'
      run("mount", "-t", "tmpfs", "-o", "size=16k", "none", path("full"))
      watcher = Inotify::Watcher.new(path("in"))
      watcher.checkpoint(path("full/state"))
      before = File.binread(path("full/state"))
      begin
        File.open(path("full/rest"), "wb") { |file| loop { file.syswrite("x" * 4096) } }
      rescue Errno::ENOSPC
        File.write(path("in/new"), "")
      end
      begin
        watcher.checkpoint(path("full/state"))
      rescue SystemCallError => e
        puts e.class, e.message
      end
      p Dir.children(path("full")).sort, File.binread(path("full/state")) == before
      File.unlink(path("full/rest"))
      watcher.checkpoint(path("full/state"))
    RUBY
  end

  before { Dir.mkdir(path("in")) }

  # The calls that a script made on the file and its directory: a call and a name each.
  def traced(script)
    skip "strace is not installed" unless system("strace", "--version", out: File::NULL, err: File::NULL)
    tracer = ["strace", "-f", "-y", "-o", path("trace"), "-e", "trace=#{calls}"]
    skip "this system traces no process" unless system(*tracer, "true", out: File::NULL, err: File::NULL)
    ruby(script, under: tracer)
    calls = File.readlines(path("trace")).filter_map { |line| called(line) }
    calls.chunk_while { |one, other| one == other }.map(&:first)
  end

  def called(line)
    name = line[%r{<#{Regexp.escape(dir)}/?([^>]*)>}, 1]
    if line.match?(/ rename\w*\(.*state\.tmp".*state"/)
      "rename state.tmp state"
    elsif name && !name.start_with?("trace")
      "#{line[/ (\w+)\(/, 1]} #{name}".strip
    end
  end

  it "has the bytes on the disk before they replace the file, and then its name" do
    steps = traced("Inotify::Watcher.new(#{path("in").dump}).checkpoint(#{path("state").dump})")
    expect(steps).to eq ["write state.tmp", "fsync state.tmp", "rename state.tmp state", "fsync"]
  end

  it "keeps the file where the disk is full, says so, and leaves nothing beside it", :mount_namespace do
    Dir.mkdir(path("full"))
    message = a_string_including(path("full/state"))
    expect(ruby_mounting(full_disk)).to match ["Errno::ENOSPC", message, '["rest", "state"]', "true"]
  end
end
