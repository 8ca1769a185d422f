# frozen_string_literal: true

RSpec.describe Inotify::Instance, ".open and .new" do
  it "makes one descriptor of inotify" do
    before = DescriptorLeaks.open_descriptors
    instance = new_instance
    made = DescriptorLeaks.open_descriptors.reject { |number, _| before.key?(number) }
    expect(made).to eq(instance.fileno.to_s => "anon_inode:inotify")
  end

  it "keeps one descriptor while it watches, waits and reads" do
    before = DescriptorLeaks.open_descriptors.size
    instance = instance_watching(:create)
    waiting = sleeping_thread { instance.read }
    expect(DescriptorLeaks.open_descriptors.size).to eq before + 1
    touch("a")
    within { waiting.value }
  end

  it "closes at the end of the block, whose value it returns" do
    kept = nil
    returned = Inotify::Instance.open do |instance|
      kept = instance
      :value
    end
    expect(returned).to eq :value
    expect(kept).to be_closed
  end

  it "closes when the block raises" do
    kept = nil
    raising = ->(instance) { raise Interruptions::Left if (kept = instance) }
    expect { Inotify::Instance.open(&raising) }.to raise_error Interruptions::Left
    expect(kept).to be_closed
  end

  it "closes when the block is left by throw" do
    kept = catch(:left) { Inotify::Instance.open { |instance| throw :left, instance } }
    expect(kept).to be_closed
  end

  it "lets the block close" do
    expect(Inotify::Instance.open(&:close)).to be_nil
  end

  it "returns the open instance without a block" do
    instance = Inotify::Instance.open
    expect(instance).not_to be_closed
    instance.close
  end

  it "opens a subclass" do
    subclass = Class.new(Inotify::Instance)
    expect(subclass.open(&:class)).to be subclass
  end

  it "takes no arguments" do
    expect { Inotify::Instance.new(1) }.to raise_error ArgumentError
  end

  it "refuses to be copied, with a message that says what to do" do
    instance = new_instance
    expect { instance.dup }.to raise_error TypeError, /open another/
    expect { instance.clone }.to raise_error TypeError, /open another/
  end

  it "refuses to be marshalled" do
    expect { Marshal.dump(new_instance) }.to raise_error TypeError
  end
end
