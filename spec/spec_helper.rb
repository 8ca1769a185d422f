# frozen_string_literal: true

$VERBOSE = true

# A warning of this project's own code fails the example, or the load, that gives rise to it.
module WarningsRaise
  ROOT = File.expand_path("..", __dir__)

  def warn(message, ...)
    raise message if message.include?(ROOT) && !message.include?("Ractor is experimental")

    super
  end
end
Warning.singleton_class.prepend(WarningsRaise)

require "inotify_rs"
Dir[File.join(__dir__, "{support,shared}", "*.rb")].each { |file| require file }

RSpec.configure do |config|
  config.disable_monkey_patching!
  config.raise_errors_for_deprecations!
  config.expect_with(:rspec) { |expectations| expectations.syntax = :expect }
  config.mock_with(:nothing)
  Kernel.srand(config.seed)

  # These need the packages built, and the site: `rake package`, `rake docs:test`.
  config.filter_run_excluding(package: true, site: true)

  config.include Waiting
  config.include TemporaryDirectory
  config.include Descriptors
  config.include Children
  # Innermost last: what an example opened is closed before its descriptors are counted, and counting is outermost.
  config.around { |example| DescriptorLeaks.checking(example) }
  config.around { |example| GCStress.around(example) }
  config.after { close_descriptors }
  config.after { remove_dir }
end
