# frozen_string_literal: true

RSpec.describe Inotify::Instance, "#close, wherever an interrupt strikes" do
  def waiting_for(instance)
    sleeping_thread { yield -> { instance.each(&:wd) } }
  end

  it "closes the descriptor when the wait that it ends is interrupted" do
    left = each_strike do |strike|
      waiting = waiting_for(instance = instance_watching(:create)) { |wait| strike.during(&wait) }
      fd = instance.fileno
      instance.close
      left_open?(fd, waiting)
    end
    expect(left).to have_attributes(size: be > 5).and all(be(false))
  end

  it "closes the descriptor when it is interrupted itself, or can be called again" do
    left = each_strike do |strike|
      waiting = waiting_for(instance = instance_watching(:create), &:call)
      fd = instance.fileno
      2.times { strike.during { instance.close } }
      left_open?(fd, waiting)
    end
    expect(left).to have_attributes(size: be > 1).and all(be(false))
  end
end
