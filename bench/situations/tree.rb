# frozen_string_literal: true

require "fileutils"

module Bench
  # What happens to files and directories.
  module Situations
    TREE = [
      situation("burst of 500 files", :queue, body: 'ls | wc -l | sed "s/^/files /" >>$log') do |session, command|
        session.watch(command)
        before = session.runs
        500.times { |number| session.write("new#{number}", "") }
        session.until_true("no run sees all files") { session.log.include?("files 501") }
        session.settle
        wrong("#{session.runs - before} runs") if session.runs - before > 100
      end,

      situation("rename into place, twice") do |session, command|
        session.watch(command)
        2.times do |number|
          session.expect_run("it does not run for rename #{number + 1}") do
            File.write("#{session.dir}.tmp", number.to_s)
            File.rename("#{session.dir}.tmp", session.path("file.txt"))
          end
        end
      end,

      situation("directory moved in") do |session, command|
        session.watch(command)
        FileUtils.mkdir_p("#{session.dir}.new/a/b")
        File.write("#{session.dir}.new/a/b/deep.txt", "")
        session.expect_run("it does not run for the directory") do
          File.rename("#{session.dir}.new", session.path("moved"))
        end
        session.expect_run("it does not run for a file in it") { session.write("moved/a/b/deep.txt", "1") }
      end,

      situation("mkdir -p a/b/c and a file at once") do |session, command|
        session.watch(command)
        session.expect_run("it does not run for the new file") do
          FileUtils.mkdir_p(session.path("a/b/c"))
          session.write("a/b/c/deep.txt", "")
        end
        session.expect_run("it does not run for a later change") { session.write("a/b/c/deep.txt", "1") }
      end,

      situation("directory removed and created again") do |session, command|
        session.watch(command)
        FileUtils.rm_rf(session.dir)
        sleep(1)
        Dir.mkdir(session.dir)
        session.change
        session.settle
        session.expect_run("it does not run any more") { session.change }
      end,

      situation("editor's swap files") do |session, command|
        session.watch(command)
        session.expect_no_run("it runs for opening and leaving an editor") do
          session.write(".file.txt.swp", "swap")
          sleep(0.3)
          session.write(".file.txt.swp", "swap again")
          File.delete(session.path(".file.txt.swp"))
        end
        session.expect_run("it does not run for a save") do
          session.write("4913", "")
          File.delete(session.path("4913"))
          File.rename(session.path("file.txt"), session.path("file.txt~"))
          session.write("file.txt", "saved")
          File.delete(session.path("file.txt~"))
        end
      end,

      situation("save that changes no byte", :content) do |session, command|
        session.watch(command)
        session.write("file.txt", "same")
        session.settle
        session.expect_no_run("it runs") { session.write("file.txt", "same") }
        session.expect_run("it does not run for another content") { session.write("file.txt", "other") }
      end,

      situation("git checkout is one batch") do |session, command|
        git(session, "init", "-q", "-b", "one")
        %w[one two].each do |branch|
          git(session, "checkout", "-qb", branch)
          300.times { |number| session.write("g#{number}", branch) }
          git(session, "add", ".")
          git(session, "commit", "-qm", branch)
        end
        session.watch(command)
        before = session.runs
        git(session, "checkout", "-q", "one") || wrong("git fails")
        session.until_true("it does not run") { session.runs > before }
        session.settle
        wrong("#{session.runs - before} runs") unless session.runs - before == 1
      end,

      situation("files of a list on the standard input", :list) do |session, command|
        session.write("other", "")
        session.watch(command)
        session.expect_no_run("it runs for a file that is not in the list") { session.write("other", "1") }
        session.expect_run("it does not run for a file of the list") { session.change }
      end
    ].freeze
  end
end
