# frozen_string_literal: true

# On SIGQUIT, which `rake spec` sends to specs that take too long: prints where each thread is, and fails the example.
trap(:QUIT) do
  Thread.list.each { |thread| puts thread.inspect, thread.backtrace.grep_v(/rspec-core/) }
  raise "#{RSpec.current_example&.location} took too long"
end
