# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "given poll:" do
  [0, -1, "1", true, :often, [1.0], 0i, Float::NAN, [:always], [:always, 0], [:always, 1, 2], { always: 1 }]
    .each do |bad|
    it "refuses #{bad.inspect}" do
      expect { watch(poll: bad) }.to raise_error ArgumentError, /\Apoll must be .*not #{Regexp.escape(bad.inspect)}/
    end
  end

  [1, 0.5, 1r, nil, false, Float::INFINITY, :always, [:always, 0.5]].each do |good|
    it("takes #{good.inspect}") { expect(watch(poll: good)).not_to be_closed }
  end
end
