# frozen_string_literal: true

require_relative "tasks"

# Fails an example that leaves a watcher's thread running.
module ThreadLeaks
  def self.checking(example)
    before = Tasks.watching
    example.run
    left = Tasks.watching - before
    raise "left running: #{left}" unless left.empty? || example.exception
  end
end

RSpec.configure do |config|
  config.around { |example| ThreadLeaks.checking(example) }
end
