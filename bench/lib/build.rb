# frozen_string_literal: true

require "fileutils"
require "rbconfig"

module Bench
  # Compiles what is written in C.
  module Build
    PEERS = File.expand_path("../peers", __dir__)
    DIR = File.expand_path("../../tmp/bench/#{RbConfig::CONFIG["arch"]}-#{RbConfig::CONFIG["ruby_version"]}", __dir__)
    LIB = File.expand_path("../../lib", __dir__)
    HEADERS = RbConfig::CONFIG.values_at("rubyhdrdir", "rubyarchhdrdir").map { |dir| "-I#{dir}" }.freeze

    module_function

    def all
      FileUtils.mkdir_p(DIR)
      compile("c_loop.c", "c_loop")
      compile("writer.c", "writer")
      compile("c_extension.c", "c_extension.so", *HEADERS, "-shared", "-fPIC")
    end

    def program(name) = File.join(DIR, name)

    # Where children find the extensions.
    def load_path = [LIB, DIR].join(":")

    def compile(source, name, *options)
      source = File.join(PEERS, source)
      target = program(name)
      return if File.exist?(target) && File.mtime(target) > File.mtime(source)

      command = [RbConfig::CONFIG["CC"], "-O3", "-Wall", *options, "-o", target, source]
      system(*command) || abort("#{command.join(" ")} failed; gcc and Ruby's headers are needed")
    end
    private_class_method :compile
  end
end
