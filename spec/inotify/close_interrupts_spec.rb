# frozen_string_literal: true

RSpec.describe Inotify, ".close, wherever an interrupt strikes" do
  def waiting_for(number)
    sleeping_thread do
      yield -> { Inotify.watch(number) { nil } }
    rescue Errno::EBADF
      nil
    end
  end

  # It may be closed already, or about to be.
  def close(number)
    Inotify.close(number)
  rescue Errno::EBADF
    nil
  end

  it "closes the descriptor when the wait that it ends is interrupted" do
    left = each_strike do |strike|
      waiting = waiting_for(number = watching(:create)) { |wait| strike.during(&wait) }
      Inotify.close(number)
      left_open?(number, waiting)
    end
    expect(left).to have_attributes(size: be > 5).and all(be(false))
  end

  it "closes the descriptor when it is interrupted itself, or can be called again" do
    left = each_strike do |strike|
      waiting = waiting_for(number = watching(:create), &:call)
      2.times { strike.during { close(number) } }
      left_open?(number, waiting)
    end
    expect(left).to have_attributes(size: be > 1).and all(be(false))
  end
end
