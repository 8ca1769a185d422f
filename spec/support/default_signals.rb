# frozen_string_literal: true

# Whoever starts the specs may ignore signals, as nohup(1) and a shell's `&` do. What the specs start is not to.
%w[HUP INT QUIT TERM].each do |name|
  before = trap(name, "SYSTEM_DEFAULT")
  trap(name, before) unless before == "IGNORE"
end
