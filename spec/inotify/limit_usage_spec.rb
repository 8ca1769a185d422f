# frozen_string_literal: true

RSpec.describe Inotify, ".limits" do
  def proc_value(name) = Integer(File.read("/proc/sys/#{name.tr(".", "/")}"))

  it "reports the limits of watches, instances and queued events, with their sysctls" do
    limits = Inotify.limits
    expect(limits.keys).to eq %i[instances watches queued_events]
    expect(limits.values.map(&:value)).to eq(limits.values.map { |limit| proc_value(limit.sysctl) })
  end

  it "counts the instances and watches of this user's processes" do
    instance_watching(:create).add_watch("/", :create)
    used = Inotify.limits
    expect([used[:instances].used >= 1, used[:watches].used >= 2]).to eq [true, true]
  end

  it "does not say how many events are queued" do
    expect(Inotify.limits[:queued_events].used).to be_nil
  end

  it "reports the namespace's own limit where that is the smaller one", :user_namespace do
    expect(ruby_in_namespace(<<~RUBY)).to eq "user.max_inotify_watches 7 1 1"
      File.write("/proc/sys/user/max_inotify_watches", "7")
      Inotify.add_watch(Inotify.init, "/", :create)
      limits = Inotify.limits
      puts [limits[:watches].sysctl, limits[:watches].value, limits[:watches].used, limits[:instances].used].join(" ")
    RUBY
  end

  it "counts a watcher's watches" do
    make("a/b/")
    watcher = watch
    expect(Inotify.limits[:watches].used).to be >= watcher.stats[:watches]
  end

  it "returns Limits, which do not change and say what they are" do
    limit = Inotify.limits[:watches]
    expect(limit).to be_frozen.and(have_attributes(to_h: { sysctl: limit.sysctl, value: limit.value,
                                                           used: limit.used }))
    expect(limit.inspect).to match(/\A#<Inotify::Limit \S+max_\w*watches=\d+ used=\d+>\z/)
  end

  it "returns Limits, which can be matched" do
    case Inotify.limits
    in { watches: { sysctl: String => name, value: Integer, used: Integer } }
      expect(name).to match(/watches/)
    end
  end
end
