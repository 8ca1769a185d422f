# frozen_string_literal: true

require_relative "tasks"
require_relative "waiting"

# Fails an example that leaves a watcher's thread running.
module ThreadLeaks
  extend Waiting

  def self.checking(example)
    before = Tasks.watching
    example.run
    return if example.exception

    # One that has ended may be listed for a moment.
    left = what_remains { Tasks.watching - before }
    raise "left running: #{left}" if left.any?
  end
end

RSpec.configure do |config|
  config.around { |example| ThreadLeaks.checking(example) }
end
