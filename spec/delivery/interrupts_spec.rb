# frozen_string_literal: true

RSpec.describe Inotify, "when an interrupt strikes anywhere between the kernel and the block" do
  let(:names) { %w[a b c d] }

  # The names that are delivered in four calls, of which an interrupt strikes one.
  def delivered
    each_strike do |strike|
      seen = []
      resource = yield
      touch(*names)
      4.times { strike.during { yield(resource, seen) } if seen.size < names.size }
      resource.is_a?(Integer) ? Inotify.close(resource) : resource.close
      File.unlink(*names.map { |name| path(name) })
      seen
    end
  end

  it "yields each event of a descriptor once" do
    seen = delivered do |fd, names|
      fd ? Inotify.watch(fd, timeout: 0) { |_event, name| names << name } : watching(:create)
    end
    expect(seen).to have_attributes(size: be > 5).and all(eq(names))
  end

  it "yields each event of an instance once" do
    seen = delivered do |instance, names|
      next instance_watching(:create) unless instance

      instance.each { |_event, name| break if (names << name).size == self.names.size }
    end
    expect(seen).to have_attributes(size: be > 5).and all(eq(names))
  end

  it "has no place to strike where an instance is read" do
    instance = instance_watching(:create)
    touch("a")
    expect(each_strike { |strike| strike.during { instance.read } }).to be_empty
  end
end
