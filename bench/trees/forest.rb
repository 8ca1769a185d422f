# frozen_string_literal: true

require "fileutils"

require_relative "../lib/workspace"

module Bench
  # Makes the trees that are watched, and what happens in them.
  module Forest
    module_function

    # Compiles what is written in C.
    def build
      FileUtils.mkdir_p(Build::DIR)
      %w[tree_walk tree_files].each do |name|
        command = [RbConfig::CONFIG["CC"], "-O2", "-Wall", "-o", Build.program(name), "#{Build::PEERS}/#{name}.c"]
        system(*command) || abort("#{command.join(" ")} failed")
      end
    end

    def open
      Workspace.open { |dir| yield File.join(dir, "tree").tap { |tree| Dir.mkdir(tree) } }
    end

    # Makes so many directories, and so many files in each.
    def grow(dir, directories, files) = run(Build.program("tree_files"), dir, directories.to_s, files.to_s)

    def run(*command)
      system(*command, out: File::NULL) || raise("#{command.join(" ")} failed")
    end
  end
end
