# frozen_string_literal: true

require "inotify_rs/rails"

RSpec.describe Inotify::FileUpdateChecker, "given what is wrong" do
  def refused(*arguments) = raise_error(*arguments)

  it "refuses to be made without a block" do
    expect { Inotify::FileUpdateChecker.new([], {}) }
      .to refused(ArgumentError, "a block is needed: Inotify::FileUpdateChecker.new(files, dirs) { reload }")
  end

  it "refuses directories that are no Hash or Array" do
    expect { checker("app") }.to refused(TypeError, /\Adirs must be a Hash such as .*, or an Array .*, not "app"\z/)
  end

  it "refuses files that are no Array" do
    expect { checker({}, files: "a.rb") }.to refused(TypeError, 'files must be an Array of paths, not "a.rb"')
  end

  it "refuses what is no path" do
    expect { checker({}, files: [nil]) }.to refused(TypeError)
    expect { checker({ 1 => [] }) }.to refused(TypeError)
  end

  it "refuses a path with a NUL and an empty one" do
    expect { checker({ "a\0" => [] }) }.to refused(ArgumentError)
    expect { checker({}, files: [""]) }.to refused(ArgumentError, "a path is empty")
  end

  [5, [5], [nil], Comparable, [/rb/]].each do |extensions|
    it "refuses #{extensions.inspect} for extensions" do
      expect { checker({ dir => extensions }) }
        .to refused(TypeError, /\Aextensions are Strings or Symbols such as "rb" or :yml, not /)
    end
  end

  it "refuses an empty extension" do
    expect { checker({ dir => "." }) }.to refused(ArgumentError, /empty; to include all files, give none/)
  end

  it "leaves no watch behind when it refuses" do
    before = DescriptorLeaks.open_descriptors.size
    expect { checker({ dir => [5] }) }.to refused(TypeError)
    expect(DescriptorLeaks.open_descriptors.size).to eq before
  end

  it "can't be copied" do
    expect { checker.dup }.to refused(TypeError, /cannot be copied/)
  end
end
