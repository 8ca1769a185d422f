# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "with filters that are none" do
  after { expect(inotify_fds).to be_empty } # rubocop:disable RSpec/ExpectInHook

  ["../x", "a/../b", ".", "./", "/", "a//b", "a/./b"].each do |pattern|
    it "refuses #{pattern.inspect}, which can never match" do
      expect { watch(only: pattern) }.to raise_error(ArgumentError, /bad pattern #{Regexp.escape(pattern.inspect)}/)
      expect { watch(ignore: ["a", /b/, pattern]) }.to raise_error(ArgumentError, /bad pattern/)
    end
  end

  it "refuses the root itself, and what is absolute where there are several roots" do
    make("a/", "b/")
    expect { watch(ignore: dir) }.to raise_error(ArgumentError, /root itself/)
    expect { watch(path("a"), path("b"), ignore: path("a/x")) }.to raise_error(ArgumentError, /several roots/)
  end

  it "refuses more alternatives than can be matched" do
    expect { watch(only: "{a,b}" * 60) }.to raise_error(ArgumentError, /more than 4096 alternatives/)
    expect { watch(only: ["{a,b}" * 60, /a/]) }.to raise_error(ArgumentError, /more than 4096 alternatives/)
  end

  it "refuses braces that are nested deeper than can be matched, and what is longer than any path" do
    nested = "#{"{a," * 33}b#{"}" * 33}"
    [nested, ["!#{nested}", /a/]].each do |filter|
      expect { watch(only: filter) }.to raise_error(ArgumentError, /nested more than 32 deep/)
    end
    expect { watch(ignore: "{a," * 100_000) }.to raise_error(ArgumentError, /longer than 4096 bytes/)
  end

  it "refuses a NUL" do
    expect { watch(ignore: "a\0b") }.to raise_error(ArgumentError, /null/)
  end

  [1, :rb, { "a" => 1 }, Object.new].each do |filter|
    it "refuses #{filter.class} and says what it takes" do
      expect { watch(only: filter) }.to raise_error(TypeError, /only takes patterns.*Regexps and callables/)
      expect { watch(ignore: [filter]) }.to raise_error(TypeError, /ignore takes patterns/)
    end
  end

  it "refuses keywords it does not know" do
    expect { watch(except: "a") }.to raise_error(ArgumentError, /except/)
  end

  it "refuses an on_progress that can't be called" do
    expect { watch(on_progress: 1) }.to raise_error(TypeError, /on_progress must have a method call/)
  end
end
