# frozen_string_literal: true

RSpec.describe "INotify::Notifier after fork" do
  it "goes on in the child with the same watches, and neither takes events of the other" do
    notifier = notifier_of(:recursive, :create)
    in_child = forked do
      notifier.fd # here it begins anew
      touch_many(100)
      process_all(notifier)
      seen.size
    end
    process_all(notifier)
    expect([in_child, seen.size]).to eq([100, 100])
  end

  it "leaves the parent alone when the child closes" do
    notifier = notifier_of(:create)
    forked { notifier.close }
    touch("a")
    expect(heard(notifier)).to eq([%w[create a]])
  end

  it "leaves a run of the parent alone when the child stops" do
    notifier = notifier_of(:create)
    thread = sleeping_thread { notifier.run }
    forked { notifier.stop }
    touch("a")
    wait_until { seen.any? }
    notifier.stop
    expect(thread.join(Waiting::LIMIT)).to eq(thread)
  end

  it "passes over in the child what is not there any more" do
    notifier = notifier_of(:create)
    Dir.mkdir(path("sub"))
    notifier.watch(path("sub"), :create)
    Dir.rmdir(path("sub"))
    expect(forked { notifier.watchers.size }).to eq(1)
  end
end
