# frozen_string_literal: true

require "fileutils"

module Bench
  # What the command gets and does.
  module Situations
    COLLECT = ->(peer, session) { peer.collector(collected(session)) }
    # Takes a moment to end, and notices another one.
    SERVER = "mkdir ../lock 2>/dev/null || echo overlap >>$log; " \
             "trap 'sleep 0.3; rmdir ../lock; exit' TERM; while :; do sleep 0.05; done"

    RUNS = [
      situation("2,200 paths of 1,000 bytes for the command", :paths, body: COLLECT) do |session, command|
        session.watch(command)
        dir = Array.new(4) { "d" * 200 }.join("/")
        FileUtils.mkdir_p(session.path(dir))
        sleep(2)
        wanted = Array.new(2200) { |number| "#{dir}/#{"f" * 180}#{number}" }
        wanted.each { |name| session.write(name, "") }
        session.until_true("paths are missing", 120) { (wanted - names(session)).empty? }
      end,

      situation("names with spaces, quotes and newlines", :paths, body: COLLECT) do |session, command|
        session.watch(command)
        wanted = ["with space", "with'quote\"s", "with\nnewline"]
        wanted.each { |name| session.write(name, "") }
        session.until_true("names are missing or wrong") { (wanted - names(session)).empty? }
      end,

      situation("command writes where it watches", body: "date +%N >>out.txt") do |session, command|
        session.begin(command)
        sleep(4)
        session.change
        sleep(2)
        before = session.runs
        sleep(8)
        wrong("#{session.runs - before} runs in 8 s") if session.runs - before > 4
      end,

      situation("save during a run", :queue, body: "cat file.txt >>$log; sleep 1; echo >>$log") do |session, command|
        session.watch(command)
        before = session.runs
        session.write("file.txt", "first")
        session.until_true("it does not run") { session.runs > before }
        sleep(0.5)
        session.write("file.txt", "second")
        session.until_true("the save is lost") { session.log.include?("second") }
      end,

      situation("restart of a long-running command", :restart, body: SERVER) do |session, command|
        session.begin(command)
        session.settle
        2.times { session.expect_run("it is not restarted") { session.change } }
        wrong("two run at once") if session.log.include?("overlap")
        alive = session.pids.count { |pid| session.alive?(pid) }
        wrong("#{alive} run in the end") unless alive == 1
      end,

      situation("restart ends the command's children", :restart,
                body: 'sleep 1000 & echo "child $!" >>$log; wait') do |session, command|
        session.begin(command)
        session.settle
        first = session.pids("child").last
        session.expect_run("it is not restarted") { session.change }
        session.until_true("a child is left") { !session.alive?(first) }
      end
    ].freeze
  end
end
