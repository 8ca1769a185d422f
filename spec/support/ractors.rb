# frozen_string_literal: true

# What a Ractor returns, by whichever name this Ruby has for that.
module Ractors
  def value_of(ractor) = within { ractor.respond_to?(:value) ? ractor.value : ractor.take }
end

RSpec.configure { |config| config.include Ractors }
