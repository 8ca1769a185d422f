# frozen_string_literal: true

RSpec.describe Inotify::Instance, "#each left early" do
  it_behaves_like "blocks that are left", FrontEnds::Instance

  context "with three events" do
    let(:instance) { instance_watching(:create) }

    before do
      instance
      touch("a", "b", "c")
    end

    LeftBlocks::LEAVES.each do |name, leave|
      it "keeps the descriptor readable for the rest after #{name}" do
        leave.call(instance.method(:each)) { true }
        expect(selected?(instance)).to be true
        instance.read
        expect(selected?(instance)).to be false
      end
    end

    it "wakes another thread that waits for events" do
      drain(instance)
      waiting = Array.new(2) { sleeping_thread { take_one(instance).name } }
      touch("d", "e")
      expect(within { waiting.map(&:value) }.sort).to eq %w[d e]
    end

    it "leaves no watch of its own behind" do
      take_one(instance)
      instance.read
      expect(kernel_wds(instance.fileno)).to eq [1]
      expect(instance.watches.map(&:wd)).to eq [1]
    end
  end
end
