# frozen_string_literal: true

require_relative "waiting"

# Fails an example that leaves a descriptor open.
module DescriptorLeaks
  extend Waiting

  def self.checking(example)
    before = open_descriptors
    example.run
    left = left_open(before) unless example.exception
    raise "left open: #{left}" if left&.any?
  end

  # A thread that waits for what is closed closes it when it has its turn.
  def self.left_open(before)
    deadline = now + Waiting::LIMIT
    loop do
      left = open_descriptors.reject { |number, target| before[number] == target }
      return left if left.empty? || now > deadline

      Thread.pass
    end
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
