# frozen_string_literal: true

require "inotify_rs/rails"

RSpec.describe Inotify::FileUpdateChecker, "in a process that forks" do
  before { write("a.rb", "sub/b.rb") }

  let!(:parents) { checker.tap { |checker| let_it_be_past(checker) } }

  # In the child: whether it notices what the block does.
  def child_notices
    forked do
      yield
      noticed?(parents)
    end
  end

  it "reports nothing to the child when nothing happened" do
    expect(child_notices {}).to be false # rubocop:disable Lint/EmptyBlock
  end

  {
    "is written" => -> { File.write(path("a.rb"), "new") },
    "is made in a subdirectory" => -> { write("sub/c.rb") },
    "is made in a new directory" => -> { write("new/c.rb") },
    "is removed" => -> { File.delete(path("sub/b.rb")) },
    "is moved away with its directory" => -> { File.rename(path("sub"), path(".sub")) }
  }.each do |what, change|
    it "reports to the child when a file #{what} before the child first asks" do
      expect(child_notices { instance_exec(&change) }).to be true
    end

    it "reports to the child when a file #{what} after the child asked" do
      expect(child_notices { parents.updated? || instance_exec(&change) }).to be true
    end
  end

  it "reports to the child what happened before the fork and was not asked for" do
    write("a.rb")
    expect(child_notices {}).to be true # rubocop:disable Lint/EmptyBlock
  end

  it "reports everything to parent and children, each by itself" do
    reported = Array.new(3) { child_notices { write("a.rb") } }
    expect([reported, noticed?(parents)]).to eq [[true] * 3, true]
  end

  it "gives the child one instance of its own, and it is the only one" do
    inotify = -> { DescriptorLeaks.open_descriptors.values.grep(/inotify/).size }
    expect(forked { [noticed?(parents), checker, inotify.call].last }).to eq 1
  end

  it "lets the parent go on after children that asked, and were dropped" do
    forked { [parents.updated?, drop_checkers] && nil }
    write("a.rb")
    expect(noticed?(parents)).to be true
  end

  it "lets the parent go on after children that dropped a checker before they asked another" do
    other = checker({ path("sub") => "rb" })
    forked { [drop(other), parents.updated?] && nil }
    write("sub/b.rb")
    expect([other, parents].map { |checker| noticed?(checker) }).to eq [true, true]
  end

  it "works in a child's child" do
    expect(forked { parents.updated? || child_notices { write("a.rb") } }).to be true
  end

  it "lets a child make checkers of its own" do
    expect(forked { checker({ path("sub") => "rb" }).then { |own| write("sub/b.rb") && noticed?(own) } }).to be true
  end
end
