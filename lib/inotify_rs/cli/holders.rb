# frozen_string_literal: true

require "etc"

module Inotify
  module CLI
    # Which processes have instances and watches, as far as this one may look.
    # @api private
    class Holders
      # How many are listed.
      LISTED = 15
      # What fits a line of 80 characters.
      WIDTH = 40
      private_constant :LISTED, :WIDTH

      # A process and what it has.
      Holder = Struct.new(:pid, :user, :instances, :watches, :command)

      # @param fdinfo [String] a file of proc(5), "/proc/pid/fdinfo"
      # @return [Integer] how many watches it tells of; 0 when it is gone
      def self.watches(fdinfo)
        File.foreach(fdinfo).count { |line| line.start_with?("inotify ") }
      rescue Errno::ENOENT
        0
      end

      HEAD = Holder.new("pid", "user", "instances", "watches", "command")
      private_constant :HEAD

      def initialize
        @hidden = 0
        @holders = processes.filter_map { |pid| holder(pid) }.sort_by { |it| [-it.watches, -it.instances, it.pid.to_i] }
      end

      # @return [Array<String>]
      def lines
        lines = ["Processes with instances"]
        lines += [HEAD, *@holders.first(LISTED)].map { |it| row(it) } unless @holders.empty?
        lines << "  none" if @holders.empty?
        lines << "  and #{@holders.size - LISTED} more" if @holders.size > LISTED
        lines << "  not to be looked at: #{@hidden} more#{"; root may" unless Process.uid.zero?}" if @hidden.positive?
        lines
      end

      # @return [Array<String>]
      def problems
        Instance.open(&:fileno)
        []
      rescue SystemCallError => e
        [e.message]
      end

      private

      def row(holder)
        format("  %<pid>7s %<user>-10.10s %<instances>9s %<watches>8s %<command>s", holder.to_h)
      end

      def processes = Dir.children("/proc").grep(/\A\d+\z/) - [Process.pid.to_s]

      def holder(pid)
        fds = Dir.children("/proc/#{pid}/fd").select { |fd| inotify?("/proc/#{pid}/fd/#{fd}") }
        return if fds.empty?

        watches = fds.sum { |fd| Holders.watches("/proc/#{pid}/fdinfo/#{fd}") }
        Holder.new(pid, user(pid), fds.size, watches, command(pid))
      rescue Errno::EACCES, Errno::EPERM
        @hidden += 1
        nil
      rescue SystemCallError
        # It has ended meanwhile.
      end

      def inotify?(link)
        File.readlink(link) == "anon_inode:inotify"
      rescue Errno::ENOENT
        false
      end

      def user(pid)
        uid = File.stat("/proc/#{pid}").uid
        Etc.getpwuid(uid).name
      rescue ArgumentError
        uid.to_s
      end

      def command(pid)
        words = File.binread("/proc/#{pid}/cmdline").split("\0")
        text = Names.visible(words.empty? ? File.read("/proc/#{pid}/comm").chomp : words.join(" "))
        text.length > WIDTH ? "#{text[0, WIDTH - 1]}…" : text
      end
    end
  end
end
