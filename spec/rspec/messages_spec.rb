# frozen_string_literal: true

require "inotify_rs/rspec"

RSpec.describe Inotify::RSpec::TriggerInotify, "and its messages" do
  def message_of
    yield
  rescue RSpec::Expectations::ExpectationNotMetError => e
    e.message
  end

  it "reports what was expected and what happened, as a person reads it" do
    matcher = trigger_inotify(:delete).on(dir).named("x").once
    expect(message_of { expect { touch("y") && Dir.mkdir(path("d")) }.to matcher }).to eq <<~TEXT.chomp
      expected the block to trigger delete on #{dir.inspect}, named "x", exactly once
      but this happened:
        create "#{dir}/y"
        close_write "#{dir}/y"
        create "#{dir}/d" (a directory)
    TEXT
  end

  it "reports that nothing happened" do
    expect(message_of { expect { nil }.to trigger_inotify(:create, :delete).on(dir) })
      .to eq "expected the block to trigger create and delete on #{dir.inspect}\nbut nothing happened"
  end

  it "reports what should not have happened" do
    expect(message_of { expect { touch("y") }.not_to trigger_inotify(:create).on(dir) })
      .to start_with("expected the block not to trigger create on #{dir.inspect}\nbut this happened:\n  create ")
  end

  it "reports no more than can be read" do
    message = message_of { expect { touch_many(100) }.to trigger_inotify(:delete).on(dir) }
    expect(message.lines.size).to eq 53
    expect(message).to end_with "\n  and 150 more"
  end

  it "reports in one line what it expects" do
    matcher = trigger_inotify(:create, :delete).on("/a", "/b").named(a_string_starting_with("x")).in_order.at_least(2)
    expect(matcher.within(3).description).to eq 'trigger create and delete on "/a" or "/b", named a string starting ' \
                                                'with "x", in this order, at least twice, within 3 seconds'
  end

  it "reports an overflow of the kernel's queue, and does not take it for silence", :slow do
    limit = Integer(File.read(QueueLimit::PATH))
    touch("a", "b")
    flood = -> { (limit + 1).times { |number| File.chmod(0o600, path(%w[a b][number % 2])) } }
    message = message_of { expect(&flood).not_to trigger_inotify(:delete).on(dir) }
    expect(message).to end_with "\n  and #{limit - 50} more\n  q_overflow: the kernel dropped what came next"
  end
end
