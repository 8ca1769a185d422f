# frozen_string_literal: true

require "yaml"
require_relative "../../.ci/native_gem"

RSpec.describe ".github/workflows/release.yml" do
  let(:jobs) { YAML.load_file(File.join(Program::ROOT, ".github/workflows/release.yml")).fetch("jobs") }

  it "builds and tries a library for each supported minor version of Ruby" do
    expect(jobs.values_at("gnu", "musl", "smoke").map { |job| job.dig("strategy", "matrix", "ruby") })
      .to all(eq(NativeGem::MINORS))
  end

  it "publishes only gems that are named inotify_rs" do
    pushed = jobs.dig("publish", "steps").map { |step| step["run"].to_s }.grep(/gem push/)
    expect(pushed).to contain_exactly(include("for gem in pkg/inotify_rs-*.gem; do gem push \"$gem\"; done"))
  end

  it "calls scripts that are there" do
    scripts = jobs.values.flat_map { |job| job["steps"] }.flat_map { |step| step["run"].to_s.scan(%r{\.ci/[\w./]+}) }
    expect(scripts).to contain_exactly(".ci/native_musl", ".ci/smoke_test.rb")
      .and all(satisfy { |script| File.exist?(File.join(Program::ROOT, script)) })
  end
end
