# frozen_string_literal: true

require "tmpdir"
require_relative "children"

# File systems that others change unseen: what happens in a directory is invisible to inotify at the place where bindfs,
# a FUSE server, shows it again.
module Shares
  # For {Children#ruby_mounting}: mounts, and the servers, which end with the ruby.
  PRELUDE = <<~RUBY.freeze
    $servers = {}
    def share(from, at)
      $servers[at] = spawn("bindfs", "-f", from, at, %i[out err] => File::NULL)
      Timeout.timeout(#{Children::PATIENCE}) { sleep 0.01 until File.read("/proc/self/mountinfo").include?(" \#{at} ") }
    end

    def unshare(at)
      run("umount", "-l", at)
      Process.wait($servers.delete(at))
    end

    def hang(at) = Process.kill(:STOP, $servers[at])
    def go_on(at) = Process.kill(:CONT, $servers[at])

    at_exit do
      $servers.each do |at, server|
        Process.kill(:KILL, server)
        Process.wait(server)
        system("umount", "-l", at)
      end
    end
  RUBY

  # Skips the example where there is no FUSE: in most containers.
  def needs_shares
    skip "needs /dev/fuse, bindfs and mount namespaces" unless Shares.possible?
  end

  def self.possible?
    return @possible unless @possible.nil?

    try = 'bindfs "$1" "$2" && umount -l "$2"'
    @possible = File.writable?("/dev/fuse") && Dir.mktmpdir do |from|
      Dir.mktmpdir do |at|
        system("unshare", "-Urm", "--propagation", "private", "sh", "-c", try, "sh", from, at,
               out: File::NULL, err: File::NULL)
      end
    end
  end
end

RSpec.configure { |config| config.include Shares }
