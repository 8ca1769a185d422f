# frozen_string_literal: true

module Bench
  # Medians and percentiles.
  module Statistics
    module_function

    def median(numbers) = percentile(numbers, 50)

    def percentile(numbers, percent)
      sorted = numbers.sort
      return if sorted.empty?

      position = (sorted.size - 1) * percent / 100.0
      low = sorted[position.floor]
      low + ((sorted[position.ceil] - low) * (position % 1))
    end
  end
end
