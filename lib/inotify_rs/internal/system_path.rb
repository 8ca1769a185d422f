# frozen_string_literal: true

module Inotify
  module Internal
    # Paths as the kernel takes them: bytes.
    # @api private
    module SystemPath
      # @param path [String, #to_path, #to_str]
      # @return [String] its bytes are the path; what is not ASCII-compatible has no such bytes and becomes UTF-8
      # @raise [TypeError] it is no path
      # @raise [ArgumentError] it contains a NUL
      def self.of(path)
        path = path.to_path if path.respond_to?(:to_path)
        path = path.encode(Encoding::UTF_8) if path.is_a?(String) && !path.encoding.ascii_compatible?
        File.path(path)
      end

      # @param dir [String]
      # @param name [String, nil] one component
      # @return [String] both joined, byte by byte, in the filesystem encoding
      def self.join(dir, name)
        path = dir.b
        path << "/" unless name.nil? || path.end_with?("/")
        path << name.b if name
        path.force_encoding(Encoding.find("filesystem"))
      end
    end
  end
end
