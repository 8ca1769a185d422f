# frozen_string_literal: true

module Inotify
  module Internal
    # Says why {Native} finds no extension, or one that does not load, and what to do.
    # @api private
    module Unloadable
      class << self
        def missing
          libraries = Dir[File.expand_path("../*/inotify_rs.so", __dir__)]
          minors = sorted(libraries.map { |library| File.basename(File.dirname(library)) })
          return missing_beside(minors) if minors.any?

          "the extension of inotify_rs is not built for #{RUBY_ENGINE} #{RUBY_VERSION}: run `rake compile` " \
            "in a checkout, `gem pristine inotify_rs` for an installed gem"
        end

        def broken(reason)
          "the extension of inotify_rs does not load: #{reason}; `gem pristine inotify_rs` builds it again"
        end

        def unfit(reason)
          "the precompiled library of inotify_rs #{misfit(reason)}: #{reason}; " \
            "`gem install inotify_rs --platform ruby` builds one for this system"
        end

        private

        def missing_beside(minors)
          "this gem of inotify_rs is precompiled for Ruby #{minors.join(", ")}, not for " \
            "#{RUBY_ENGINE} #{RUBY_VERSION}: `gem install inotify_rs --platform ruby` builds it for this one"
        end

        def misfit(reason)
          wanted = sorted(reason.scan(/GLIBC_([\d.]+)' not found/).flatten).last
          libc = libc_of(Native.file(Native::PRECOMPILED))
          return "is for #{libc}, and this Ruby uses #{Platform.libc}" if libc && libc != Platform.libc
          return "needs glibc #{wanted} or later" if wanted

          "does not load"
        end

        # Without Gem::Version: `ruby --disable-gems` has none.
        def sorted(versions) = versions.sort_by { |version| version.split(".").map(&:to_i) }

        # The C library that a library names as its own; nil if it names none.
        def libc_of(library)
          name = File.binread(library)[/\bGLIBC_2\.|\blibc\.musl-/] or return
          name.start_with?("GLIBC") ? "glibc" : "musl"
        end
      end
    end
  end
end
