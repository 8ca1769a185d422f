# frozen_string_literal: true

# Fails an example that leaves a descriptor open.
module DescriptorLeaks
  def self.checking(example)
    before = open_descriptors
    example.run
    left = open_descriptors.reject { |number, target| before[number] == target }
    raise "left open: #{left}" unless left.empty? || example.exception
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
