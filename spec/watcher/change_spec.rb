# frozen_string_literal: true

RSpec.describe Inotify::Change do
  def change_of(watcher, type) = changes(watcher).find { |change| change.type == type }

  let(:watcher) do
    make("sub/", "file" => "1")
    watch
  end
  let(:created) do
    touch("new")
    change_of(watcher, :created)
  end
  let(:renamed) do
    File.rename(path("sub"), path("moved"))
    change_of(watcher, :renamed)
  end

  before { watcher }

  it "has the type, path and kind of what was created" do
    expect(created).to have_attributes(
      type: :created, path: path("new"), from: nil, directory?: false, rescanned?: false
    )
  end

  it "has both paths of what was renamed" do
    expect(renamed).to have_attributes(type: :renamed, path: path("moved"), from: path("sub"), directory?: true)
  end

  it "reports attributes of files and directories" do
    File.chmod(0o600, path("file"))
    File.chmod(0o700, path("sub"))
    found = changes(watcher)
    expect([short(found), found.map(&:directory?)])
      .to eq [[[:attributes, "file"], [:attributes, "sub"]], [false, true]]
  end

  it "reports attributes of the root itself" do
    File.chmod(0o755, dir)
    expect(changes(watcher).map { |change| [change.type, change.path, change.directory?] })
      .to eq [[:attributes, dir, true]]
  end

  it "has a predicate for each type, of which one is true" do
    predicates = %i[created? modified? deleted? renamed? attributes?]
    touch("x")
    File.write(path("file"), "22")
    File.chmod(0o700, path("sub"))
    found = changes(watcher)
    File.rename(path("sub"), path("moved"))
    found.concat(changes(watcher))
    File.unlink(path("file"))
    found.concat(changes(watcher))
    true_ones = found.map { |change| predicates.select { |predicate| change.public_send(predicate) } }
    expect(true_ones).to eq(found.map { |change| [:"#{change.type}?"] })
    expect(true_ones.flatten).to match_array predicates
  end

  it "knows whether it was concluded by looking" do
    make("in/", "outside/a/b" => "1")
    other = watch("in")
    File.rename(path("outside/a"), path("in/a"))
    expect(changes(other).map { |change| [below(change.path), change.rescanned?] })
      .to eq [["in/a", false], ["in/a/b", true]]
  end

  it "becomes a Hash" do
    expect(renamed.to_h)
      .to eq(type: :renamed, path: path("moved"), from: path("sub"), directory: true, rescanned: false)
  end

  it "can be matched by patterns" do
    renamed => { type: :renamed, from: String => from, path: String => to, directory: true }
    expect([from, to]).to eq [path("sub"), path("moved")]
    expect(created.deconstruct_keys([:type])).to eq(type: :created)
    expect(created.deconstruct_keys(nil)).to eq created.to_h
  end

  it "is equal to what has the same fields" do
    other = watch
    touch("same")
    mine, theirs = [watcher, other].map { |it| changes(it).first }
    expect([mine == theirs, mine.eql?(theirs), mine.hash == theirs.hash, { mine => 1 }[theirs]])
      .to eq [true, true, true, 1]
    expect([mine == renamed, mine == nil, mine == mine.to_h]).to eq [false, false, false] # rubocop:disable Style/NilComparison
  end

  it "shows what happened" do
    expect([created.inspect, renamed.to_s]).to eq [
      %(#<Inotify::Change created "#{path("new")}">),
      %(#<Inotify::Change renamed "#{path("sub")}" -> "#{path("moved")}"/>)
    ]
  end

  it "is frozen, shareable and its own copy" do
    expect([created.frozen?, Ractor.shareable?(created), created.dup.equal?(created), created.clone.equal?(created)])
      .to eq [true, true, true, true]
  end

  it "returns new Strings, in the filesystem encoding" do
    created.path << "changed"
    expect([created.path, created.path.encoding]).to eq [path("new"), Encoding.find("filesystem")]
  end

  it "is not to be made by hand" do
    expect { Inotify::Change.new }.to raise_error TypeError
    expect { Inotify::Change.allocate }.to raise_error TypeError
  end
end
