# frozen_string_literal: true

require "inotify_rs/rb_inotify"

require_relative "growth"

module Bench
  # The stand-in for rb-inotify.
  class SweepRbInotify < Sweep
    WORKS = {
      "INotify::Notifier#watch: directories" => [100_000, :watch],
      "INotify::Notifier#watch, :recursive: directories" => [100_000, :recursive],
      "INotify::Notifier#process: events" => [10_000, :process],
      "INotify::Notifier#process: new directories" => [1000, :new_dirs],
      "INotify::Notifier#close: watches" => [100_000, :close]
    }.freeze

    private

    def watch(count, dir, clock)
      paths = dirs(dir, count)
      notifier = INotify::Notifier.new
      clock.call { paths.each { |path| notifier.watch(path, :create) { nil } } }
    end

    def recursive(count, dir, clock)
      dirs(dir, count)
      notifier = INotify::Notifier.new
      clock.call { notifier.watch(dir, :create, :recursive) { nil } }
    end

    def process(count, dir, clock) = processing(dir, clock, count) { files(dir, count) }
    def new_dirs(count, dir, clock) = processing(dir, clock, count, :recursive) { dirs(dir, count) }

    # What it takes to deliver the events of what the block does.
    def processing(dir, clock, count, *flags)
      seen = 0
      notifier = INotify::Notifier.new
      notifier.watch(dir, :create, *flags) { seen += 1 }
      yield
      clock.call { notifier.process while seen < count }
    end

    def close(count, dir, clock)
      notifier = INotify::Notifier.new
      dirs(dir, count).each { |path| notifier.watch(path, :create) { nil } }
      clock.call { notifier.close }
    end
  end
end
