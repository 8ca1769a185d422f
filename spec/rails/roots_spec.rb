# frozen_string_literal: true

require "inotify_rs/rails"

RSpec.describe Inotify::FileUpdateChecker, "and directories that are not there yet" do
  let(:given) { path("x/y/given") }
  let!(:checker_of_given) { checker({ given => "rb" }) }

  def reported = noticed?(checker_of_given)

  it "reports once when the directory appears, still empty, and the files in it" do
    FileUtils.mkdir_p(path("x/y"))
    expect(reported).to be false
    FileUtils.mkdir_p(given)
    expect([reported, reported]).to eq [true, false]
    write("x/y/given/a.rb")
    expect([reported, reported]).to eq [true, false]
  end

  it "reports once when another directory appears in the place of an empty one that was removed" do
    FileUtils.mkdir_p(given)
    reported
    FileUtils.rmdir(given)
    reported
    FileUtils.mkdir_p(given)
    expect([reported, reported]).to eq [true, false]
  end

  it "reports nothing of an empty directory that appears below the given one" do
    FileUtils.mkdir_p(given)
    reported
    FileUtils.mkdir_p(File.join(given, "below"))
    expect(reported).to be false
  end

  it "reports one that appears with files" do
    write("x/y/given/a.rb")
    expect(reported).to be true
  end

  it "reports one that is renamed there, or one above it" do
    write("other/a.rb", "z/y/given/a.rb")
    FileUtils.mkdir_p(path("x/y"))
    File.rename(path("other"), given)
    expect(reported).to be true
    FileUtils.rm_r(path("x"))
    reported
    File.rename(path("z"), path("x"))
    expect(reported).to be true
  end

  it "reports one that is moved away, also by a directory above it" do
    write("x/y/given/a.rb")
    reported
    File.rename(path("x"), path("z"))
    expect(reported).to be true
    write("z/y/given/a.rb")
    expect(reported).to be false
  end

  it "reports one that is removed and made again, as often as that happens" do
    write("x/y/given/a.rb")
    noticed = [reported]
    2.times do
      FileUtils.rm_r(path("x"))
      noticed << reported
      write("x/y/given/a.rb")
      noticed << reported
    end
    expect(noticed).to eq [true] * 5
  end

  it "reports one that is removed while it is held open, and another in its place" do
    FileUtils.mkdir_p(given)
    reported
    Dir.open(given) do
      FileUtils.rm_r(given)
      reported
      write("x/y/given/a.rb")
      expect(reported).to be true
      write("x/y/given/b.rb")
      expect(reported).to be true
    end
  end

  it "reports a given file whose directory is renamed and made again with a file of its name" do
    write("x/one")
    checker = checker({}, files: [path("x/one")])
    File.rename(path("x"), path("z"))
    write("x/one")
    expect([noticed?(checker), noticed?(checker)]).to eq [true, false]
  end

  it "goes on when a file stands where a directory is expected" do
    write("x")
    expect(reported).to be false
    File.delete(path("x"))
    write("x/y/given/a.rb")
    expect(reported).to be true
  end
end
