# frozen_string_literal: true

module Inotify
  module Internal
    # Loads everything before a Ractor begins: before Ruby 3.4, one cannot load what it names first. `Ractor#inspect`
    # then shows this file.
    # @api private
    module RactorLoading
      def new(...)
        Inotify.eager_load!
        super
      end

      Ractor.singleton_class.prepend(self)
    end
  end
end
