# frozen_string_literal: true

module Inotify
  module CLI
    # What file system a path is on, by proc(5), "/proc/pid/mountinfo".
    # @api private
    Mount = Struct.new(:place, :type) do
      # @param path [String] that exists
      # @return [Mount, nil]
      def self.of(path)
        path = File.realpath(path).b
        # Of several at a place, the last is on top.
        all.reverse.select { |mount| mount.holds?(path) }.max_by { |mount| mount.place.size }
      end

      # From lines such as `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw`.
      def self.all
        File.binread("/proc/self/mountinfo").each_line.map do |line|
          fields = line.split
          new(fields[4].gsub(/\\(\d{3})/) { Regexp.last_match(1).oct.chr }, fields[fields.index("-") + 1])
        end
      rescue SystemCallError
        []
      end

      def holds?(path) = path == place || path.start_with?("#{place.chomp("/")}/")
    end
  end
end
