# frozen_string_literal: true

require_relative "platform"

module Inotify
  # What is not for programs to use.
  # @api private
  module Internal
    # Loads the extension, or says why it does not load and what to do.
    # @api private
    module Native
      MINOR = RUBY_VERSION[/\A\d+\.\d+/]
      # A precompiled gem has one library for each minor version of Ruby.
      PRECOMPILED = "inotify_rs/#{MINOR}/inotify_rs".freeze
      BUILT = "inotify_rs/inotify_rs"

      class << self
        def load
          unsupported = Platform.unsupported
          raise LoadError, unsupported if unsupported

          # Ruby is asked before `require` is: RubyGems' would activate another installed version for its library.
          feature = [PRECOMPILED, BUILT].find { |name| file(name) } || raise(LoadError, unloadable.missing)
          begin
            require feature
          rescue LoadError => e
            raise LoadError, feature == BUILT ? unloadable.broken(e.message) : unloadable.unfit(e.message)
          end
        end

        # @return [String, nil] where Ruby finds a library
        def file(feature) = $LOAD_PATH.resolve_feature_path(feature)&.last

        private

        def unloadable
          require_relative "unloadable"
          Unloadable
        end
      end
    end
    Native.load
  end
end
