# frozen_string_literal: true

desc "Run the specs on Debian testing's Ruby and Async, in a system made for it (as root)"
task :testing do
  # Asked for by name, it must run; among all the others it is passed over where no such system can be made.
  named = Rake.application.top_level_tasks.include?("testing")
  environment = { "INOTIFY_RS_TESTING_SKIP" => ENV.fetch("INOTIFY_RS_TESTING_SKIP", named ? "0" : "1") }
  sh environment, "bash", ".ci/testing", verbose: false
end
