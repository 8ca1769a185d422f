# frozen_string_literal: true

require_relative "session"

module Bench
  # Everyday situations, and what users expect in each.
  module Situations
    # One situation: a method of {Peers::Peer} that makes the command, the body of the script, and a check.
    Situation = Struct.new(:name, :way, :body, :check) do
      # @return [Array(Symbol, String)] `:right`; `:wrong` and why; `:none` where the peer has no way
      def try(peer)
        Session.open do |session|
          script = session.script(body.respond_to?(:call) ? body.call(peer, session) : body)
          command = peer.public_send(way, script, way == :list ? "ls #{session.dir}/*.txt" : session.dir)
          return [:none, nil] unless command

          check.call(session, command, peer)
          [:right, nil]
        end
      rescue Session::Wrong, SystemCallError, IOError => e
        [:wrong, e.message]
      end
    end

    module_function

    # @param only [String, nil] a word in the names
    # @return [Array<Situation>]
    def all(only = nil)
      (TERMINAL + TREE + RUNS).select { |situation| only.nil? || situation.name.include?(only) }
    end

    def situation(name, way = :run, body: "", &check) = Situation.new(name, way, body, check)

    def wrong(message) = raise(Session::Wrong, message)

    # The script's paths, as those in the directory.
    def names(session)
      file = collected(session)
      return [] unless File.exist?(file)

      File.binread(file).split("\0").map { |path| path[%r{\A(?:.*/)?tree/(.*)}mn, 1] }.uniq
    end

    def collected(session) = "#{session.dir}.paths"

    def git(session, *words)
      system("git", "-C", session.dir, "-c", "user.name=a", "-c", "user.email=a@b", *words,
             out: File::NULL, err: File::NULL)
    end
  end
end

%w[terminal tree runs].each { |topic| require_relative topic }
