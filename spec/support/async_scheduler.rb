# frozen_string_literal: true

begin
  require "async"
rescue LoadError
  # The examples that need it have the tag `:async`.
end

# The async gem as {MinimalScheduler}.
module AsyncScheduler
  # Runs the block and the fibers that it makes to their end, in a thread of their own.
  def self.run(&block)
    Thread.new { Async(&block).wait }.value
  end
end

RSpec.configure do |config|
  config.before(:each, :async) { skip "needs the async gem" unless defined?(Async::VERSION) }
end
