# frozen_string_literal: true

require "etc"
require "rbconfig"

module Bench
  # What the figures were measured on.
  module Machine
    module_function

    def to_h
      { cpu: cpu, cores: Etc.nprocessors, kernel: Etc.uname[:release], ruby: RUBY_DESCRIPTION,
        rb_inotify: version("rb-inotify"), compiler: `#{RbConfig::CONFIG["CC"]} -dumpfullversion`.chomp,
        queue: QueueLimit.value }
    end

    def to_s
      facts = to_h
      "#{facts[:cpu]}, #{facts[:cores]} cores, Linux #{facts[:kernel]}; #{facts[:ruby]}; " \
        "rb-inotify #{facts[:rb_inotify]}; gcc #{facts[:compiler]}; max_queued_events #{facts[:queue]}"
    end

    # Virtual machines give a number where the name should be.
    def cpu
      names = ["model name", "vendor_id"].filter_map { |key| File.read("/proc/cpuinfo")[/^#{key}\s*: (.+)/, 1] }
      names.find { |name| name.match?(/[a-z]/i) } || RbConfig::CONFIG["host_cpu"]
    end
    private_class_method :cpu

    def version(gem)
      Gem::Specification.find_by_name(gem).version.to_s
    rescue Gem::MissingSpecError
      abort "#{gem} is not installed; it is the peer that all is compared with (Debian: ruby-#{gem})"
    end
    private_class_method :version
  end
end
