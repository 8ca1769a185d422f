# frozen_string_literal: true

RSpec.describe Inotify::Watcher, "and a path that is a symbolic link in another path" do
  # The paths on the disk: below a link, too, where it leads to a directory.
  def disk
    all = below_path(path("r"))
    all |= below_path(path("r/c/a")) if File.directory?(path("r/c/a"))
    all.sort
  end

  def below_path(top)
    [top] + Dir.children(top).flat_map do |name|
      full = File.join(top, name)
      File.directory?(full) && !File.symlink?(full) ? below_path(full) : [full]
    end
  end

  # The paths somebody knows who applied all changes, each of which must be possible.
  def replay(paths, changes)
    changes.each_with_object(paths.dup) do |change, known|
      case change.type
      when :created then known.include?(change.path) ? raise("twice: #{change}") : known << change.path
      when :deleted then known.delete(change.path) || raise("not there: #{change}")
      when :renamed
        known.map! { |it| it.sub(%r{\A#{Regexp.escape(change.from)}(?=/|\z)}) { change.path } }
      end
    end.sort
  end

  before do
    make("r/c/", "r/t/x" => "", "r/t/sub/y" => "", "elsewhere/z" => "")
    File.symlink("../t", path("r/c/a"))
  end

  {
    "a file is made in the target" => ->(at) { File.write(at["r/t/new"], "") },
    "the target is removed" => ->(at) { FileUtils.rm_r(at["r/t"]) },
    "the target is removed and made again" => ->(at) { FileUtils.rm_r(at["r/t"]) && FileUtils.mkdir_p(at["r/t/q"]) },
    "the target is moved" => ->(at) { File.rename(at["r/t"], at["r/u"]) },
    "the target is moved out" => ->(at) { File.rename(at["r/t"], at["out"]) },
    "the link is replaced by one to nothing" => lambda { |at|
      File.symlink("nothing", at["new"])
      File.rename(at["new"], at["r/c/a"])
    },
    "the link is replaced by one to elsewhere" => lambda { |at|
      File.symlink(at["elsewhere"], at["new"])
      File.rename(at["new"], at["r/c/a"])
    },
    "the link is removed" => ->(at) { File.unlink(at["r/c/a"]) },
    "the link is moved" => ->(at) { File.rename(at["r/c/a"], at["r/c/b"]) },
    "the directory of the link is renamed" => ->(at) { File.rename(at["r/c"], at["r/d"]) },
    "the directory of the link is renamed there and back" => lambda { |at|
      File.rename(at["r/c"], at["r/d"])
      File.rename(at["r/d"], at["r/c"])
    },
    "a file takes the place of the link" => ->(at) { File.unlink(at["r/c/a"]) && File.write(at["r/c/a"], "") }
  }.each do |situation, happen|
    [false, true].each do |follow|
      it "knows what is there when #{situation}, links #{"not " unless follow}being followed" do
        watcher = watch("r", "r/c/a", follow_symlinks: follow)
        before = watcher.paths
        happen.call(method(:path))
        changes = changes(watcher)
        expect([replay(before, changes), watcher.paths.sort, watcher.audit]).to eq [disk, disk, []]
      end
    end
  end
end
