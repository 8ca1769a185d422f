# frozen_string_literal: true

module Inotify
  module Internal
    # The platforms on which this gem works. extconf.rb asks before it builds, native.rb before it loads.
    # @api private
    module Platform
      ENGINES = { "jruby" => "JRuby", "truffleruby" => "TruffleRuby" }.freeze
      private_constant :ENGINES

      # The sentence that says why this gem cannot work on the running Ruby; nil if it can.
      def self.unsupported
        if RUBY_ENGINE != "ruby"
          "inotify_rs is a native extension for CRuby; #{ENGINES.fetch(RUBY_ENGINE, RUBY_ENGINE)} cannot load it"
        elsif !RUBY_PLATFORM.include?("linux")
          "inotify_rs needs Linux, whose kernel has inotify; this Ruby runs on #{RUBY_PLATFORM}"
        end
      end

      # The C library of the running Ruby: "glibc" or "musl".
      def self.libc
        require "rbconfig"
        RbConfig::CONFIG["host_os"].include?("musl") ? "musl" : "glibc"
      end
    end
  end
end
