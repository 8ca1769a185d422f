# frozen_string_literal: true

# Instances that are closed after the example, unless it closes them itself.
module Instances
  def new_instance
    Inotify::Instance.new.tap { |instance| (@instances ||= []) << instance }
  end

  # An instance that watches the example's directory.
  def instance_watching(*flags, of: dir)
    new_instance.tap { |instance| instance.add_watch(of, *flags) }
  end

  def close_instances
    Array(@instances).each(&:close)
    @instances = nil
  end

  # All events that there are now.
  def drain(instance)
    found = []
    loop do
      events = instance.read(timeout: 0)
      break found if events.empty?

      found.concat(events)
    end
  end

  # The names of all events that there are now.
  def drain_names(instance) = drain(instance).map(&:name)

  # The names of the next `count` events.
  def next_names(instance, count) = within { instance.first(count).map(&:name) }

  # The next event; the rest stays.
  def take_one(instance)
    instance.each { |event| return event } # rubocop:disable Lint/UnreachableLoop
  end

  # Whether select(2) finds it readable within so many seconds.
  def selected?(io, seconds = 0)
    !IO.select([io], nil, nil, seconds).nil? # rubocop:disable Lint/IncompatibleIoSelectWithFiberScheduler
  end
end

RSpec.configure do |config|
  config.include Instances
  config.after { close_instances }
end
