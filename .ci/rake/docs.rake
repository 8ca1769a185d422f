# frozen_string_literal: true

desc "Build the site of all documents and of the reference in site/; needs `bash .ci/setup docs`"
task :docs do
  ruby ".ci/docs/site.rb", "site", "tmp/site"
end

namespace :docs do
  desc "Build the site, and open it in a headless browser"
  task test: :docs do
    rspec "--tag", "site", "spec/site"
  end

  desc "Record the command line in terminals again: docs/recording.svg, and a still"
  task recording: :compile do
    ruby ".ci/docs/recording.rb"
  end
end
