# frozen_string_literal: true

require "fileutils"
require "net/http"

# The application of spec/rails/app, copied to a directory, as Puma serves it in development.
class RailsServer
  # Seconds for anything, on a machine that is busy with other things.
  LIMIT = 240
  APP = File.expand_path("../rails/app", __dir__)

  # What a request gives: the answer, and the process that gave it.
  Answer = Struct.new(:code, :body, :pid)

  def self.there?
    gems = %w[puma railties actionpack actionview activerecord sqlite3]
    gems.all? { |gem| Gem::Specification.find_by_name(gem) }
  rescue Gem::MissingSpecError
    false
  end

  def self.copy(dir)
    FileUtils.cp_r("#{APP}/.", dir)
  end

  # Serves the application in `dir` while the block runs. Without `watcher` the application sets none.
  def self.serve(dir, *options, watcher: "Inotify::FileUpdateChecker")
    environment = { "RAILS_ENV" => "development", "FILE_WATCHER" => watcher, "RUBYLIB" => Children::LIB }
    puma = [RbConfig.ruby, "-W0", Gem.bin_path("puma", "puma"), "-b", "tcp://127.0.0.1:0", *options]
    Program.start(Program::OUTSIDE.merge(environment), *puma, chdir: dir) { |program| yield new(program) }
  end

  attr_reader :program

  def initialize(program)
    @program = program
    @port = Integer(program.line_matching(/Listening on/, limit: LIMIT)[/:(\d+)/, 1])
  end

  # A request on a connection of its own.
  def get(path)
    response = Net::HTTP.start("127.0.0.1", @port, read_timeout: LIMIT) do |http|
      http.get(path, "Connection" => "close")
    end
    Answer.new(Integer(response.code), response.body.force_encoding(Encoding::UTF_8), Integer(response["X-Pid"] || 0))
  end
end
