# frozen_string_literal: true

require_relative "waiting"

# Fails an example that leaves a descriptor open.
module DescriptorLeaks
  extend Waiting

  def self.checking(example)
    before = open_descriptors
    example.run
    return if example.exception

    # A thread that waits for what is closed closes it when it has its turn.
    left = what_remains { open_descriptors.reject { |number, target| before[number] == target } }
    raise "left open: #{left}" if left.any?
  end

  def self.open_descriptors
    Dir.children("/proc/self/fd").to_h { |number| [number, target(number)] }.compact
  end

  # The listing's own descriptor is closed by the time it is looked at.
  def self.target(number, pid = "self")
    File.readlink("/proc/#{pid}/fd/#{number}")
  rescue Errno::ENOENT
    nil
  end
end
