# frozen_string_literal: true

require_relative "config/application"

Rails.application.initialize!

# Which process answered.
class Answered
  def initialize(app)
    @app = app
  end

  def call(env) = @app.call(env).tap { |_, headers, _| headers["x-pid"] = Process.pid.to_s }
end

use Answered
run Rails.application
