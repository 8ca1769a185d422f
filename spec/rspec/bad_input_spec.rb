# frozen_string_literal: true

require "inotify_rs/rspec"

RSpec.describe Inotify::RSpec::TriggerInotify, "given what is wrong" do
  it "asks for what to watch" do
    expect { expect { nil }.to trigger_inotify(:create) }
      .to raise_error(ArgumentError, "say what to watch: trigger_inotify(:create).on(dir)")
  end

  it "refuses an unknown flag and lists the right ones" do
    expect { trigger_inotify(:created) }.to raise_error(ArgumentError, /unknown flag :created; the flags are :access/)
  end

  it "refuses a path that is not there, and does not run the block" do
    expect { expect { raise "ran" }.to trigger_inotify.on(path("none")) }.to raise_error(Errno::ENOENT, /none/)
  end

  it "refuses a count that is none" do
    [-1, 1.5, nil, :often].each do |count|
      expect { trigger_inotify.exactly(count) }
        .to raise_error(ArgumentError, /\Aexactly takes a number such as 2 or :twice/)
    end
  end

  it "refuses a time that is none" do
    expect { trigger_inotify.within("1") }.to raise_error(TypeError)
    expect { trigger_inotify.within(-1) }.to raise_error(ArgumentError)
  end

  it "refuses a count and an order when it is negated" do
    [trigger_inotify.on(dir).once, trigger_inotify(:create).on(dir).in_order].each do |matcher|
      expect { expect { nil }.not_to matcher }.to raise_error(NotImplementedError, /takes no count and no order/)
    end
  end

  it "refuses a value in place of a block" do
    expect { trigger_inotify.on(dir).matches?(1) }
      .to raise_error(ArgumentError, "trigger_inotify takes a block: expect { … }.to trigger_inotify")
  end
end
