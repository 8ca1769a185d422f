# frozen_string_literal: true

require "open3"
require "rbconfig"
require "shellwords"

module Bench
  # How each peer is told what to do, by its own documentation. A method returns nil where it has no way.
  module Peers
    # What all have in common. `run` is the command for a script after changes; the others add something to it.
    class Peer
      def name = self.class.name[/\w+\z/].downcase

      # The first number that it prints about itself; nil where it is missing.
      def version
        @version ||= Open3.capture2e(*version_command).first[/(?:^|version": "| )(\d+(?:\.\d+)+)/, 1]
      rescue SystemCallError
        nil
      end

      def version_command = [name, "--version"]

      # What the command lines of its own processes contain.
      def program = name

      # Whether the script has the terminal, once for each run.
      def terminal(script, dir) = run(script, dir)
      # Ends a run when files change meanwhile, and begins another.
      def restart(_script, _dir) = nil
      # Runs again after a run when files changed meanwhile.
      def queue(script, dir) = run(script, dir)
      # Passes all changed paths to the script, which appends them to a file ended by NULs, in one run or many.
      def paths(_script, _dir) = nil
      # Ends when the script ends, with its status.
      def exit_status(_script, _dir) = nil
      # Runs nothing when the bytes of a file are the same.
      def content(_script, _dir) = nil
      # Watches the files of a list on its standard input.
      def list(_script, _list) = nil
      # Runs once for changes that belong together.
      def batch(script, dir) = run(script, dir)
      # A script that appends its arguments to a file, each ended by a NUL.
      def collector(file) = "for path; do printf '%s\\0' \"$path\" >>#{file}; done"

      private

      def shell(line) = ["sh", "-c", line]
    end

    # This work tree's.
    class InotifyRs < Peer
      EXE = [RbConfig.ruby, File.expand_path("../../exe/inotify_rs", __dir__)].freeze

      def name = "inotify_rs"
      def program = EXE.last
      def version_command = [*EXE, "--version"]
      def run(script, dir, *options) = [*EXE, *options, dir, "--", "sh", script]
      def restart(script, dir) = run(script, dir, "--restart")
      def paths(script, dir) = [*run(script, dir), "{}"]
      def exit_status(script, dir) = run(script, dir, "--exit-with-command")
      def content(script, dir) = run(script, dir, "--if-content-changed")
      def list(script, list) = shell("#{list} | #{EXE.join(" ")} --files-from - -- sh #{script}")
    end

    # In the loop of its manual page, for new files.
    class Entr < Peer
      def version_command = ["entr"]

      def run(script, dir, option = "-d")
        list = "find #{dir} -path '*/.git' -prune -o -type f -print"
        shell("while sleep 0.1; do #{list} | entr #{option} sh #{script}; done")
      end

      def restart(script, dir) = run(script, dir, "-dr")
      def exit_status(script, dir) = shell("find #{dir} -type f | entr -z sh #{script}")
      def list(script, list) = shell("#{list} | entr sh #{script}")
    end

    # In a loop, as its manual page has it.
    class Inotifywait < Peer
      EVENTS = "-e close_write -e create -e delete -e move"

      def version_command = ["inotifywait", "--help"]
      def run(script, dir) = shell("sh #{script}; while inotifywait -qq -r #{EVENTS} #{dir}; do sh #{script}; done")

      def paths(script, dir)
        shell("inotifywait -q -m -r #{EVENTS} --format '%w%f%0' --no-newline #{dir} | xargs -0 -n 1 sh #{script}")
      end

      def list(script, list)
        shell("sh #{script}; #{list} >list; while inotifywait -qq #{EVENTS} --fromfile list; do sh #{script}; done")
      end
    end

    # Restarts by nature.
    class Nodemon < Peer
      def run(script, dir, *options) = ["nodemon", "--ext", "*", "--watch", dir, *options, "--exec", "sh #{script}"]
      def terminal(script, dir) = run(script, dir, "--no-stdin")
      def restart(script, dir) = run(script, dir)
      def exit_status(script, dir) = run(script, dir, "--exitcrash")
    end

    # chokidar-cli.
    class Chokidar < Peer
      def run(script, dir) = ["chokidar", "#{dir}/**/*", "#{dir}/**/.*", "--silent", "--command", "sh #{script}"]

      def paths(script, dir)
        ["chokidar", "#{dir}/**/*", "--silent", "--debounce", "0", "--command", "sh #{script} \"{path}\""]
      end
    end

    # Over chokidar, too.
    class Onchange < Peer
      # It does not print its version.
      def version_command = shell('cat "$(dirname "$(readlink -f "$(which onchange)")")/../package.json"')
      def run(script, dir, *options) = ["onchange", *options, "#{dir}/**/*", "--", "sh", script]
      def restart(script, dir) = run(script, dir, "--kill")
      def paths(script, dir) = [*run(script, dir), "{{changed}}"]
    end

    # Its paths are JSON on the standard input of the script.
    class Watchexec < Peer
      def run(script, dir, *options) = ["watchexec", "--quiet", *options, "--watch", dir, "--", "sh", script]
      def restart(script, dir) = run(script, dir, "--restart")
      def exit_status(script, dir) = run(script, dir, "--exit-on-error")
      def queue(script, dir) = run(script, dir, "--on-busy-update=queue")
      def paths(script, dir) = run(script, dir, "--on-busy-update=queue", "--emit-events-to=json-stdio")

      def collector(file)
        decode = 'require "json"; $stdin.each_line { |line| JSON.parse(line)["tags"].each { |tag| ' \
                 'print tag["absolute"], "\0" if tag["kind"] == "path" } }'
        "#{RbConfig.ruby} -e #{decode.shellescape} >>#{file}"
      end

      def list(script, list) = shell("#{list} | watchexec --quiet --watch-file - -- sh #{script}")
    end

    ALL = [InotifyRs, Entr, Inotifywait, Nodemon, Chokidar, Onchange, Watchexec].map(&:new).freeze
  end
end
