# frozen_string_literal: true

desc "Measure against peers: about a minute; BENCH= for all of it"
task bench: :compile do
  sh RbConfig.ruby, "bench/run.rb", *ENV.fetch("BENCH", "--quick").split
end
