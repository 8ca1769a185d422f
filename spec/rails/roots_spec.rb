# frozen_string_literal: true

require "inotify_rs/rails"

RSpec.describe Inotify::FileUpdateChecker, "and directories that are not there yet" do
  let(:given) { path("x/y/given") }
  let!(:checker_of_given) { checker({ given => "rb" }) }

  def told = noticed?(checker_of_given)

  it "tells once when the directory appears, still empty, and of the files in it" do
    FileUtils.mkdir_p(path("x/y"))
    expect(told).to be false
    FileUtils.mkdir_p(given)
    expect([told, told]).to eq [true, false]
    write("x/y/given/a.rb")
    expect([told, told]).to eq [true, false]
  end

  it "tells once when another directory appears in the place of an empty one that was removed" do
    FileUtils.mkdir_p(given)
    told
    FileUtils.rmdir(given)
    told
    FileUtils.mkdir_p(given)
    expect([told, told]).to eq [true, false]
  end

  it "tells nothing of an empty directory that appears below the given one" do
    FileUtils.mkdir_p(given)
    told
    FileUtils.mkdir_p(File.join(given, "below"))
    expect(told).to be false
  end

  it "tells of one that appears with files" do
    write("x/y/given/a.rb")
    expect(told).to be true
  end

  it "tells of one that is renamed there, or one above it" do
    write("other/a.rb", "z/y/given/a.rb")
    FileUtils.mkdir_p(path("x/y"))
    File.rename(path("other"), given)
    expect(told).to be true
    FileUtils.rm_r(path("x"))
    told
    File.rename(path("z"), path("x"))
    expect(told).to be true
  end

  it "tells of one that is moved away, also by a directory above it" do
    write("x/y/given/a.rb")
    told
    File.rename(path("x"), path("z"))
    expect(told).to be true
    write("z/y/given/a.rb")
    expect(told).to be false
  end

  it "tells of one that is removed and made again, as often as that happens" do
    write("x/y/given/a.rb")
    noticed = [told]
    2.times do
      FileUtils.rm_r(path("x"))
      noticed << told
      write("x/y/given/a.rb")
      noticed << told
    end
    expect(noticed).to eq [true] * 5
  end

  it "tells of one that is removed while it is held open, and of another in its place" do
    FileUtils.mkdir_p(given)
    told
    Dir.open(given) do
      FileUtils.rm_r(given)
      told
      write("x/y/given/a.rb")
      expect(told).to be true
      write("x/y/given/b.rb")
      expect(told).to be true
    end
  end

  it "tells of a given file whose directory is renamed and made again with a file of its name" do
    write("x/one")
    checker = checker({}, files: [path("x/one")])
    File.rename(path("x"), path("z"))
    write("x/one")
    expect([noticed?(checker), noticed?(checker)]).to eq [true, false]
  end

  it "goes on when a file stands where a directory is expected" do
    write("x")
    expect(told).to be false
    File.delete(path("x"))
    write("x/y/given/a.rb")
    expect(told).to be true
  end
end
