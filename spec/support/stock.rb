# frozen_string_literal: true

# Programs that need rb-inotify, run with it and with what stands for it here.
module Stock
  PRELUDE = <<~RUBY
    $stdout.sync = true
    require "fileutils"
    require "timeout"
    require "rb-inotify"

    # rb-inotify has them in the order of Module#constants, which is arbitrary since Ruby 4.0.
    INotify::Event.prepend(Module.new { def flags = super.sort }) if RUBY_VERSION >= "4"

    def show(event)
      puts [event.name, event.flags, event.absolute_name, event.watcher_id == event.watcher.id, event.size,
            event.cookie.zero?, event.related.map(&:name), event.watcher.path, event.watcher.flags].inspect
    end

    # Calls the callbacks of what has happened until now.
    def drain(notifier)
      notifier.process while IO.select([notifier.to_io], nil, nil, 0)
    end
  RUBY

  OURS = ["-I", Children::LIB, "-r", "inotify_rs/rb_inotify"].freeze
  RUBYOPT = "-I#{Children::LIB} -rinotify_rs/rb_inotify".freeze
  KINDS = { stock: [], ours: OURS }.freeze

  module_function

  # What a script prints, in an empty directory; `dir` is its name in the output.
  def output(kind, script)
    Dir.mktmpdir("inotify_rs") do |dir|
      dir = File.realpath(dir)
      # rb-inotify has warnings of its own.
      command = Program.ruby("-W0", *KINDS.fetch(kind), "-e", PRELUDE + script)
      result = Program.run(Program::OUTSIDE, *command, chdir: dir)
      raise "#{kind} ended with #{result.status}: #{result.err}" unless result.status.success?

      result.out.gsub(dir, "dir")
    end
  end

  def stock? = Gem::Specification.any? { |spec| spec.name == "rb-inotify" }
end
