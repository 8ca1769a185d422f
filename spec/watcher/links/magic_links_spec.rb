# frozen_string_literal: true

# Links that only the kernel can follow: their text may be of another mount namespace.
RSpec.describe Inotify::Watcher, "and the symbolic links of a process in /proc" do
  # Runs a script in another process that does a line of it whenever it is asked to; yields its directory in /proc.
  def process(first, *lines, under: [])
    script = "#{first}\nputs\n#{lines.map { |line| "gets\n#{line}\nputs\n" }.join}gets"
    IO.popen([*under, *ruby_command(script)], "r+") do |io|
      io.gets
      yield "/proc/#{io.pid}", -> { io.puts || io.gets }
    end
  end

  def namespace(*options)
    options = ["-Ur", *options]
    skip "needs namespaces" unless system("unshare", *options, "true", out: File::NULL, err: File::NULL)
    ["unshare", *options]
  end

  it "follows that to its own working directory" do
    Dir.chdir(dir) do
      watcher = new_watcher("/proc/self/cwd")
      touch("a")
      expect(changes(watcher).map(&:path)).to eq ["/proc/self/cwd/a"]
    end
  end

  it "follows that to the top directory of another process" do
    make("jail/app/", "app/")
    process("Dir.chroot(#{path("jail").dump})", under: namespace) do |entry|
      watcher = new_watcher("#{entry}/root/app")
      touch("app/a", "jail/app/b")
      expect(changes(watcher).map(&:path)).to eq ["#{entry}/root/app/b"]
    end
  end

  it "sees what is mounted in another mount namespace" do
    make("app/")
    mount = "system('mount', '-t', 'tmpfs', 'tmpfs', #{path("app").dump})"
    write = "File.write(#{path("app/a").dump}, '')"
    process(mount, write, under: namespace("-m")) do |entry, go_on|
      watcher = new_watcher("#{entry}/root#{dir}/app")
      go_on.call
      expect(changes(watcher).map(&:path)).to eq ["#{entry}/root#{dir}/app/a"]
    end
  end

  it "follows a process that changes its directory" do
    make("one/a" => "", "two/b" => "")
    process("Dir.chdir(#{path("one").dump})", "Dir.chdir(#{path("two").dump})") do |entry, go_on|
      watcher = new_watcher("#{entry}/cwd")
      go_on.call
      expect(changes(watcher).map { |change| [change.type, change.path] })
        .to eq [[:deleted, "#{entry}/cwd/a"], [:created, "#{entry}/cwd/b"]]
    end
  end

  it "reports that the process is gone" do
    watcher = process("Dir.chdir(#{dir.dump})") { |entry| new_watcher("#{entry}/cwd", on_error: errors.method(:<<)) }
    expect([changes(watcher).map(&:type), watcher.paths]).to eq [[:deleted], []]
  end
end
