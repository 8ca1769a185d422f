# frozen_string_literal: true

RSpec.describe Inotify::Instance, "#inspect" do
  it "shows the descriptor and the number of watches" do
    instance = instance_watching(:create)
    expect(instance.inspect).to eq "#<Inotify::Instance fd=#{instance.fileno} watches=1>"
    expect(instance.to_s).to eq instance.inspect
  end

  it "shows that it is closed" do
    instance = new_instance
    instance.close
    expect(instance.inspect).to eq "#<Inotify::Instance closed>"
  end

  it "shows whose it is in a forked child" do
    instance = new_instance
    expect(forked { instance.inspect }).to eq "#<Inotify::Instance of process #{Process.pid}>"
  end

  it "shows the name of a subclass" do
    subclass = Class.new(Inotify::Instance) { def self.name = "Mine" }
    subclass.open { |instance| expect(instance.inspect).to match(/\A#<.+ fd=\d+ watches=0>\z/) }
  end
end
