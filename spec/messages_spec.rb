# frozen_string_literal: true

# All sentences of the source are compared, so that no new message is forgotten: it is in the tables of
# docs/troubleshooting.md, it is part of the help, or it is listed here.
RSpec.describe "the errors and warnings", :command_line do
  # Neither errors nor warnings, by file: what commands print that are asked for it, notices of the command line, parts
  # of other sentences, code, and what only a bug could print.
  others = {
    "lib/inotify_rs/cli/doctor.rb" => [
      "inotify_rs …, …, …", "All is well.", "…, marked by !",
      "Limits, and how much of them the processes of this user use", "To raise one, now and for good:", "sudo sysctl …",
      "not in /proc", "… for each instance", "… of …", "echo … | sudo tee -a …", "Processes with instances",
      "and … more", "and … more that cannot be read…", "except by root", "inotify reports all changes",
      "on …, mounted at …:", "on …, mounted at …", "… watches needed, … left",
      "… watches needed without the filters, … left", "… watches needed with the filters",
      "… are scanned … and not watched: one scan takes …", "… would be scanned … instead: one scan of … takes …",
      "… with …", "every … s", "… ms"
    ],
    "lib/inotify_rs/cli/completion.rb" => ["…)… return ;;"],
    "lib/inotify_rs/cli/init.rb" => [
      "… has rules for …: …", "a Rails application", "bundle exec", "bin/rails test", "…rake test", "bundle, exec,"
    ],
    "lib/inotify_rs/cli/formats.rb" => ["wd: …, mask: 0x…, cookie: …, len: …", "…, name: …, path: …, flags: …"],
    "lib/inotify_rs/cli/main.rb" => ["inotify_rs …"],
    "lib/inotify_rs/cli.rb" => ["inotify_rs …"],
    "lib/inotify_rs/cli/man_page.rb" => ["EXIT STATUS", ".SS …"],
    "lib/inotify_rs/cli/notices.rb" => ["ready: …", "… so far …", "inotify_rs: …"],
    "lib/inotify_rs/cli/react.rb" => ["r runs COMMAND again, p pauses, c clears the screen, q quits, ? lists the keys"],
    "lib/inotify_rs/cli/report.rb" => [
      "ended by SIG…", "status …", "…: … after … s", "runs at the start", "and … more", "runs for …",
      "runs again for … paths: a command line holds no more"
    ],
    "lib/inotify_rs/cli/kernel_events.rb" => ["watching …"],
    "lib/inotify_rs/cli/tree_changes.rb" => ["watching … with …"],
    "lib/inotify_rs/instance.rb" => ["fd=… watches=…"],
    "lib/inotify_rs/rails/given_paths.rb" => ["… files, … directories"],
    "lib/inotify_rs/rails/warnings.rb" => [
      "Inotify::FileUpdateChecker …: …", "mounts and unmounts", "changes in …", "and … more directories"
    ],
    "ext/inotify_core/src/system/threads.rs" => ["inotify_rs poll"],
    "lib/inotify_rs/rspec/trigger_inotify.rb" => [
      "but nothing happened", "and … more", "but this happened: …", "… times",
      "trigger … on …", "named …", "in this order", "within … seconds"
    ],
    "ext/inotify_rs/extconf.rb" => ["export RUSTFLAGS += -C target-feature=-crt-static"],
    "ext/inotify_core/src/checkpoint/codec.rs" => ["it ends early", "a number that is too large"],
    "ext/inotify_core/src/checkpoint/decode.rs" => [
      "a name out of order", "something follows its end", "its checksum is wrong", "a root of an unknown kind",
      "a directory without a parent", "a file and a directory of one name", "a name that shares more than there is",
      "a name that no file can have", "an entry of an unknown kind", "an inode that no file can have",
      "a size that no file can have"
    ],
    "ext/inotify_core/src/engine/options.rs" => [
      "not recursive", "symbolic links are followed", "closed files are reported"
    ],
    "ext/inotify_core/src/engine/audit.rs" => ["…the watch of", "…watch …"],
    "ext/inotify_core/src/limits.rs" => ["inotify instances", "is …"],
    "ext/inotify_rs/src/change.rs" => ["no such type of change: …"]
  }
  section = Documents.find("docs/troubleshooting.md").text[/^## All errors and warnings.*/m]
  listed = section.scan(/^\| (?:`` (.+?) ``|`(.+?)`) \|/).map { |double, single| (double || single).gsub("\\|", "|") }

  def help
    pages = [%w[--help], %w[doctor --help], %w[help]].map { |arguments| run_command_line(*arguments).out }
    pages.join(" ").gsub(/\s+/, " ")
  end

  it "are all in the tables of docs/troubleshooting.md" do
    help = self.help
    missing = Sentences.all.reject do |file, text|
      listed.include?(text) || others[file]&.include?(text) || help.include?(text) || text.start_with?("#<")
    end
    expect(missing.map { |it| it.join(": ") }.join("\n")).to eq("")
  end

  it "in the tables are those of the source" do
    gone = listed - Sentences.all.map(&:last)
    expect(gone.grep_v(/\A(Inotify::|Errno::|IOError|ArgumentError)/)).to be_empty
  end
end
