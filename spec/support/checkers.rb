# frozen_string_literal: true

require "fileutils"

# Checkers of the example's directory, and the one instance that they share, which is closed after the example.
module Checkers
  def checker(dirs = { dir => ["rb"] }, files: [], &block)
    checker = Inotify::FileUpdateChecker.new(files, dirs, &block || -> {})
    (@checkers ||= []) << checker
    checker
  end

  # Does what the collection of a checker does. That can't be forced for one.
  def drop(checker)
    @checkers.delete(checker)
    checker.instance_variable_get(:@paths).call(checker.object_id)
  end

  def drop_checkers = Array(@checkers).dup.each { |checker| drop(checker) }

  # Whether it noticed something; from now on it didn't.
  def noticed?(checker) = checker.execute_if_updated

  # Makes files, and the directories they are in.
  def write(*names, content: "")
    names.each do |name|
      FileUtils.mkdir_p(File.dirname(path(name)))
      File.write(path(name), content)
    end
  end

  # Waits until what happened is further back than the steps of the kernel's clock for files, and has a checker ask.
  def let_it_be_past(checker)
    moment = Process.clock_gettime(Process::CLOCK_REALTIME) + 0.05
    wait_until { Process.clock_gettime(Process::CLOCK_REALTIME) > moment }
    checker.updated?
  end
end

RSpec.configure do |config|
  config.define_derived_metadata(file_path: %r{/spec/rails/}) { |metadata| metadata[:checkers] = true }
  config.include Checkers, :checkers
  config.after(:each, :checkers) { drop_checkers }
end
