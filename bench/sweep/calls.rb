# frozen_string_literal: true

require_relative "growth"

module Bench
  # The four calls and Instance.
  class SweepCalls < Sweep
    WORKS = {
      "Inotify.add_watch, Inotify.rm_watch: watches" => [100_000, :calls],
      "Inotify.watch: events" => [10_000, :events],
      "Instance#add_watch, #close: watches" => [100_000, :instance],
      "Watch#remove: watches" => [100_000, :remove],
      "Instance#watches: watches" => [100_000, :watches],
      "Instance#read: events" => [10_000, :read]
    }.freeze

    private

    def calls(count, dir, clock)
      paths = dirs(dir, count)
      fd = Inotify.init
      clock.call do
        wds = paths.map { |path| Inotify.add_watch(fd, path, Inotify::Flags::IN_CREATE) }
        wds.each { |wd| Inotify.rm_watch(fd, wd) }
      end
    end

    def events(count, dir, clock)
      fd = Inotify.init
      Inotify.add_watch(fd, dir, Inotify::Flags::IN_CREATE)
      files(dir, count)
      seen = 0
      clock.call { Inotify.watch(fd) { seen += 1 } while seen < count }
    end

    def instance(count, dir, clock)
      paths = dirs(dir, count)
      clock.call do
        Inotify::Instance.open { |instance| paths.each { |path| instance.add_watch(path, :create) } }
      end
    end

    def remove(count, dir, clock)
      instance = Inotify::Instance.new
      watches = dirs(dir, count).map { |path| instance.add_watch(path, :create) }
      clock.call { watches.each(&:remove) }
    end

    def watches(count, dir, clock)
      instance = Inotify::Instance.new
      dirs(dir, count).each { |path| instance.add_watch(path, :create) }
      clock.call { instance.watches.each(&:path) }
    end

    def read(count, dir, clock)
      instance = Inotify::Instance.new
      instance.add_watch(dir, :create)
      files(dir, count)
      clock.call { instance.read.each(&:path) }
    end
  end
end
