# frozen_string_literal: true

# Files that are closed after they were open for writing.
module Closes
  # Opens for writing, as sqlite3's readers do, and writes nothing.
  def reopen(*names) = names.each { |name| File.open(path(name), "ab").close }

  # Writes through a memory map, which is the last to hold the file open.
  def write_mapped(name)
    ruby(<<~RUBY)
      Warning[:experimental] = false
      map = File.open("#{path(name)}", "r+") { |file| IO::Buffer.map(file) }
      map.copy(IO::Buffer.for("#{rand(1_000..9_999)}"), 0)
      map.free
    RUBY
  end
end

RSpec.configure do |config|
  config.include Closes
end
