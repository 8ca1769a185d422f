# frozen_string_literal: true

require_relative "waiting"

# For rubies of their own that have `dir`: a notifier of a tree, what it reports, and what is warned of.
module Notified
  PRELUDE = <<~RUBY.freeze
    require "inotify_rs/rb_inotify"
    require "fileutils"
    require "io/wait"
    require "timeout"
    $events = []
    $reported = []
    $warned = []
    Warning.define_singleton_method(:warn) { |message, **| $warned << message.gsub("\#{dir}/", "") }

    def relative(path) = path.delete_prefix("\#{dir}/")
    def write(name, text = "more") = File.write(File.join(dir, name), text)
    def rename(from, to) = File.rename(File.join(dir, from), File.join(dir, to))

    def notifier(root = "t", *flags)
      flags = %i[create delete modify close_write attrib move] if flags.empty?
      INotify::Notifier.new.tap do |notifier|
        notifier.watch(File.join(dir, root), :recursive, *flags) do |event|
          $events << event
          $reported << (Inotify::Flags.to_flags(event.mask) + [relative(event.absolute_name)]).join(" ")
        end
      end
    end

    # What listen reports of the tree until it has reported all of these.
    def listened(*expected, root: "t")
      require "listen"
      Listen.logger = Logger.new($stderr, level: Logger::FATAL) if Listen.respond_to?(:logger=)
      changes = Queue.new
      listener = Listen.to(File.join(dir, root), wait_for_delay: 0.01) do |*lists|
        %i[modified added removed].zip(lists) { |what, paths| paths.each { |it| changes << "\#{what} \#{relative(it)}" } }
      end
      listener.start
      yield
      found = []
      Timeout.timeout(#{Waiting::LIMIT}) { found << changes.pop until (expected - found).empty? }
      listener.stop
      found
    rescue Timeout::Error
      raise "only \#{found}"
    end

    # What is reported until all of these are.
    def reported(notifier, *expected)
      $reported.clear
      Timeout.timeout(#{Waiting::LIMIT}) do
        until (expected - $reported).empty?
          notifier.to_io.wait_readable
          notifier.process
        end
      end
      $reported.dup
    rescue Timeout::Error
      raise "only \#{$reported}, warned of \#{$warned}"
    end
  RUBY
end
