# frozen_string_literal: true

require "etc"

RSpec.describe "inotify_rs doctor" do
  def doctor(*arguments, under: [])
    Program.run(*under, *CommandLine::COMMAND, "doctor", *arguments, chdir: dir)
  end

  # With limits of its own.
  def limited(limits, *arguments)
    skip "needs user namespaces" unless namespaces?
    settings = limits.map { |name, value| "echo #{value} >/proc/sys/user/max_inotify_#{name}; " }.join
    doctor(*arguments, under: ["unshare", "-Ur", "sh", "-c", "#{settings}exec \"$@\"", "-"])
  end

  # Those that lead to the example's directory.
  def above = dir.count("/")

  it "shows the versions" do
    kernel = File.read("/proc/sys/kernel/osrelease").chomp
    expect(doctor.out.lines.first).to eq("inotify_rs #{Inotify::VERSION}, ruby #{RUBY_VERSION}, Linux #{kernel}\n")
  end

  it "shows each limit, how much of it is used, and how to raise it" do
    out = doctor.out
    Inotify.limits.each_value { |limit| expect(out).to match(/^  #{limit.sysctl} +(\d+ of )?#{limit.value}\b/) }
    expect(out).to match(/^  sudo sysctl \S+max_\w*watches=\d+$/)
      .and(match(%r{^  echo \S+max_\w*instances=\d+ \| sudo tee -a /etc/sysctl\.d/60-inotify\.conf$}))
  end

  it "shows which processes have instances and watches" do
    own = doctor.out[/^ *#{Process.pid} .*/]
    instance = instance_watching(:create)
    # More than others have at the moment: the list has those with the most.
    30.times { |number| make("#{number}/") && instance.add_watch(path(number.to_s), :create) }
    user = Etc.getpwuid.name[0, 10]
    expect([own, doctor.out]).to match([nil, /^ +#{Process.pid} #{user} +1 +31 \S*ruby/])
  end

  it "does not count itself" do
    result = doctor(dir)
    expect(result.out).not_to match(/^ *#{result.status.pid} /)
  end

  it "ends with status 0 when all is well" do
    result = doctor(dir)
    expect([result.status.exitstatus, result.out.lines.last, result.err]).to eq([0, "All is well.\n", ""])
  end

  it "shows the file system of a path, and that inotify reports all changes there" do
    type = `findmnt --noheadings --output FSTYPE --target #{dir}`.chomp
    expect(doctor(".").out).to match(/^\.\n  on #{type}, mounted at \S+: inotify reports all changes\n/)
  end

  it "shows how many watches a tree needs" do
    make("a/b/", "a/.c/", "file")
    expect(doctor(dir).out).to match(/^  #{above + 4} watches needed, \d+ left$/)
  end

  it "shows how many watches a tree needs without and with filters" do
    make("a/b/c/", "node_modules/a/", "node_modules/b/")
    out = doctor("--ignore", "node_modules/", dir).out
    expect(out[/^  (\d+) watches needed without the filters, \d+ left$/, 1].to_i).to eq(above + 7)
    expect(out[/^  (\d+) watches needed with the filters$/, 1].to_i).to eq(above + 4)
  end

  it "needs as many watches as it shows" do
    make("a/b/c/", "d/")
    watch(dir)
    expect(doctor(dir).out).to include("  #{kernel_watches.size} watches needed,")
  end

  it "reports with status 1 too few watches, and the command that helps" do
    make("a/", "b/")
    result = limited({ watches: above + 2 }, dir)
    expect([result.status.exitstatus, result.out])
      .to match([1, /^  ! 1 watches too few: sudo sysctl user\.max_inotify_watches=\d+$/])
  end

  it "shows what is scanned where too few watches are left, and what that costs" do
    make("a/file", "b/")
    result = limited({ watches: above + 1 }, dir)
    expect(result.out[/^  2 directories would be scanned (.*) takes \S+ ms$/, 1])
      .to eq("every 1.0 s instead: one scan of 3 directories with 1 file")
  end

  it "shows what is scanned where inotify cannot see the changes, and what that costs" do
    needs_shares
    make("own/", "share/sub/one", "share/sub/two", "tree/inner/")
    mount = 'inner=$1/tree/inner; bindfs "$1/share" "$inner"; shift; "$@"; umount -l "$inner"'
    result = doctor(path("tree"), under: ["unshare", "-Urm", "sh", "-c", mount, "-", dir])
    expect(result.out).to match(/^  2 directories with 2 files are scanned every 1.0 s and not watched: one scan takes/)
      .and(match(/ mounted at .*: in parts, inotify does not report changes by others$/))
      .and(match(%r{^  ! .*tree/inner is on a file system of type fuse}))
  end

  it "reports with status 1 a limit that is reached" do
    result = limited({ instances: 0 }, dir)
    expect([result.status.exitstatus, result.out])
      .to match([1, /^  ! .*user\.max_inotify_instances is 0; raise it with `sudo sysctl/])
  end

  it "reports with status 1 a directory that cannot be read" do
    skip "needs to be root" unless Process.uid.zero?
    make("a/b/")
    File.chmod(0o755, dir)
    File.chmod(0, path("a"))
    # Whose user is root still, for the checkout may be in a directory of root's.
    result = doctor(dir, under: %w[setpriv --bounding-set=-dac_override,-dac_read_search])
    expect([result.status.exitstatus, result.out]).to match([1, %r{^  ! Permission denied - .*/a\b}])
  end

  it "reports with status 1 a path that does not exist" do
    result = doctor("none")
    expect([result.status.exitstatus, result.out]).to match([1, /^none\n  ! no such file or directory\n/])
  end

  it "reports with status 1 the kernel's own file systems" do
    result = doctor("/proc/sys")
    expect([result.status.exitstatus,
            result.out]).to match([1, /  ! inotify does not report changes by the kernel on proc/])
  end

  it "reports with status 1 a file system that others change" do
    skip "needs /dev/fuse and mount namespaces" unless File.writable?("/dev/fuse") && namespaces?
    Dir.mkdir(path("remote"))
    mount = "exec 9<>/dev/fuse; mount -i -t fuse.test -o fd=9,rootmode=40000,user_id=0,group_id=0 none remote; " \
            "exec 9>&-; exec \"$@\""
    result = doctor(dir, under: ["unshare", "-Urm", "bash", "-c", mount, "-"])
    expect(result.out).to match(/inotify does not report changes by others$/)
      .and(match(%r{^  ! .*/remote is on a file system of type fuse(\.test)?: inotify does not report}))
    expect(result.status.exitstatus).to eq(1)
  end

  it "shows names of any bytes" do
    Dir.mkdir(path("caf\xE9\e".b))
    expect(doctor("caf\xE9\e".b).out).to include("\ncaf\\xE9\\x1B\n  on ")
  end

  it "has a --help of its own" do
    expect(doctor("--help").out).to start_with("Usage: inotify_rs doctor [OPTION]... [PATH]...\n")
  end

  it "refuses options that are not for it, with status 2" do
    result = doctor("--json")
    expect([result.status.exitstatus, result.err]).to match([2, /\Ainotify_rs: invalid option: --json/])
  end
end
