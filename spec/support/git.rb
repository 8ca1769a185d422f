# frozen_string_literal: true

require "fileutils"
require "open3"
require "tmpdir"

# git itself, which says what is to be known; with nothing of the configuration of who runs the specs.
module Git
  NOTHING = { "GIT_CONFIG_GLOBAL" => nil, "GIT_CONFIG_SYSTEM" => nil, "GIT_CONFIG_NOSYSTEM" => "1",
              "XDG_CONFIG_HOME" => nil, "SUDO_UID" => nil, "GIT_DIR" => nil }.freeze

  # The home directory of the example.
  attr_reader :home

  # Runs the block with an empty home directory.
  def without_configuration
    before = ENV.to_h
    Dir.mktmpdir do |home|
      @home = File.realpath(home)
      ENV.update(NOTHING.merge("HOME" => @home))
      yield
    ensure
      ENV.replace(before)
    end
  end

  # Runs git in a directory; returns what it printed.
  def git(*arguments, directory: dir)
    settings = %w[user.name=a user.email=a@b protocol.file.allow=always].flat_map { |setting| ["-c", setting] }
    output, status = Open3.capture2e("git", *settings, "-C", directory, *arguments)
    raise output unless status.exitstatus < 2

    output
  end

  def rules(text, directory = ".")
    FileUtils.mkdir_p(path(directory))
    File.binwrite(File.join(path(directory), ".gitignore"), text)
  end

  # Writes a file that git reads, for which the directories are made.
  def configure(file, text)
    FileUtils.mkdir_p(File.dirname(file))
    File.write(file, text)
  end

  # The files that git does not ignore, in nested repositories too; no directory can be.
  def counted_by_git(directory = dir)
    entries = git("ls-files", "-z", "--others", "--exclude-standard", directory: directory).b.split("\0")
    entries.flat_map do |entry|
      full = File.join(directory.b, entry)
      entry.end_with?("/") ? counted_by_git(full.delete_suffix("/")) : below(full).b
    end.sort
  end

  def known_files(watcher)
    watcher.paths.reject { |path| File.directory?(path) }.map { |path| below(path).b }.sort
  end
end

RSpec::Matchers.define_negated_matcher :exclude, :include

RSpec.configure do |config|
  config.define_derived_metadata(file_path: %r{/spec/watcher/gitignore/}) { |metadata| metadata[:git] = true }
  config.include Git, :git
  config.around(:each, :git) { |example| without_configuration { example.run } }
end
