# frozen_string_literal: true

require "shellwords"

module Bench
  # Terminals, signals and ends.
  module Situations
    LONG = "trap 'echo \"end $$\" >>$log; exit' TERM INT; while :; do sleep 0.05; done"

    TERMINAL = [
      situation("command reads a line from the terminal", :terminal,
                body: 'read -r line && echo "got $line" >>$log') do |session, command|
        session.begin(command)
        2.times do |number|
          sleep(0.5)
          session.type("line #{number}\n")
          session.until_true("the line does not reach the command") { session.log.include?("got line #{number}") }
          session.wait_for_run(session.runs)
        end
      end,

      situation("command sets the terminal's mode", :terminal,
                body: "stty -echo -icanon && stty sane && echo \"end $$\" >>$log") do |session, command|
        session.watch(command)
        3.times { session.expect_run("it does not run any more") { session.change } }
        wrong("a run is stopped") if session.pids.any? { |pid| session.alive?(pid) }
        wrong("stty fails") unless session.pids("end").size == session.runs
      end,

      situation("Ctrl-C ends both", body: LONG) do |session, command|
        session.begin(command)
        session.type("\x03")
        session.wait
        session.until_true("the command runs on") { session.pids.none? { |pid| session.alive?(pid) } }
      end,

      situation("Ctrl-Z stops both, fg continues") do |session, command|
        session.start(["bash", "--norc", "--noprofile", "--noediting", "-i"])
        session.type("#{command.shelljoin}\n")
        session.wait_for_run
        session.settle
        session.type("\x1A")
        session.until_true("it does not stop") { session.shows?("Stopped") }
        session.expect_no_run("it runs while it is stopped") { session.change }
        session.type("fg\n")
        sleep(1)
        session.expect_run("it does not run after fg") { session.change }
      end,

      situation("kill -9 leaves no command behind", body: LONG) do |session, command, peer|
        session.begin(["sh", "-c", '"$@"; sleep 1000', "sh", *command])
        session.kill_program(peer.program)
        session.until_true("the command runs on") { session.pids.none? { |pid| session.alive?(pid) } }
      end,

      situation("exit status of the command", :exit_status, body: "exit 7") do |session, command|
        session.start(command)
        status = session.wait
        wrong("status #{status.exitstatus || status.termsig}") unless status.exitstatus == 7
      end
    ].freeze
  end
end
