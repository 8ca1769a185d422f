# frozen_string_literal: true

desc "Run the specs on Debian testing's Ruby and Async, in a system made for it (as root)"
task :testing do
  sh "bash", ".ci/testing", verbose: false
end
