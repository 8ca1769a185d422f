# frozen_string_literal: true

desc "Run the specs on Debian testing's Ruby and Async, in a system made for it (as root)"
task :testing do
  # Asked for by name, it must run; among all the others it is passed over where no such system can be made.
  named = Rake.application.top_level_tasks.include?("testing")
  environment = { "INOTIFY_RS_TESTING_SKIP" => ENV.fetch("INOTIFY_RS_TESTING_SKIP", named ? "0" : "1") }
  # What a newer Ruby, Async, Rails or RSpec could make different; asked for by name, all of it.
  parts = named ? [] : %w[spec/inotify spec/instance spec/rails spec/rspec]
  sh environment, "bash", ".ci/testing", *parts, verbose: false
end
