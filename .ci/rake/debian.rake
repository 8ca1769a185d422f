# frozen_string_literal: true

desc "Try this on bare Debian systems, as root: SYSTEMS=\"trixie bookworm testing trixie/arm64\" STEPS=\"root user\""
task :debian do
  # Asked for by name, or in CI, it must run; among all the others it is skipped where it cannot.
  must_run = ENV["CI"] == "true" || Rake.application.top_level_tasks.include?("debian")
  possible = Process.uid.zero? && system("apt-get", "--version", out: File::NULL, err: File::NULL)
  next warn("not tried on a bare Debian: that needs root, and Debian's apt-get") unless possible || must_run

  # Absolute: another task may be in another directory at that moment.
  script = File.expand_path("../debian", __dir__)
  ENV.fetch("SYSTEMS", "trixie").split.each do |name|
    sh "bash", script, *name.split("/"), *ENV.fetch("STEPS", "").split, verbose: false
  end
end
