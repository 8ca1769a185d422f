# frozen_string_literal: true

namespace :docs do
  desc "Record the command line in terminals again: docs/recording.svg, and a still"
  task recording: :compile do
    ruby ".ci/docs/recording.rb"
  end
end
