# frozen_string_literal: true

# Ruby 3.1 deadlocks when it loads one of these after a Ractor was made, so they are loaded before any example runs.
%w[UTF-16 UTF-32].each { |encoding| "x".encode(encoding) }
