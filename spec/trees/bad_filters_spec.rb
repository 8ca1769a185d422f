# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "with filters that are none" do
  after { expect(inotify_fds).to be_empty } # rubocop:disable RSpec/ExpectInHook

  it "names a pattern that can't be read, and says what is wrong" do
    expect { watcher(only: "[a") }.to raise_error(ArgumentError, /bad pattern "\[a": .*unclosed/)
  end

  it "names the bad one of several" do
    expect { watcher(ignore: ["a", "{b", "c"]) }.to raise_error(ArgumentError, /"\{b"/)
  end

  it "names a bad pattern beside a Regexp" do
    expect { watcher(only: [/a/, "[a"]) }.to raise_error(ArgumentError, /"\[a"/)
  end

  [1, :rb, { "a" => 1 }, Object.new].each do |filter|
    it "refuses #{filter.class} and says what it takes" do
      expect { watcher(only: filter) }.to raise_error(TypeError, /only takes patterns.*Regexps and callables/)
      expect { watcher(ignore: [filter]) }.to raise_error(TypeError, /ignore takes patterns/)
    end
  end

  it "refuses keywords it does not know" do
    expect { watcher(except: "a") }.to raise_error(ArgumentError, /except/)
  end

  it "refuses an on_progress that can't be called" do
    expect { watcher(on_progress: 1) }.to raise_error(TypeError, /on_progress must have a method call/)
  end

  it "names a pattern that is not UTF-8, and says what to do" do
    expect { watcher(ignore: "caf\xE9") }.to raise_error(ArgumentError, /bad pattern "caf\\xE9": not UTF-8; .*Regexp/)
  end
end
