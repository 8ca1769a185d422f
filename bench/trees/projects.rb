# frozen_string_literal: true

require_relative "forest"
require_relative "peer"

module Bench
  # What happens in projects: a checkout, an installation of packages, their removal, and the same where they are
  # ignored.
  class TreeProjects
    FILES = 20_000
    PACKAGES = 1000
    DIRECTORIES = 101

    def initialize(report, quick)
      @report = report
      @files = quick ? FILES / 4 : FILES
      @packages = quick ? PACKAGES / 4 : PACKAGES
    end

    def run
      checkout
      packages({}, "")
      packages({ ignore: "node_modules/" }, ", ignored")
    end

    private

    def checkout
      Forest.open do |dir|
        repository(dir)
        TreePeer.open(TreePeer::OURS, dir, ignore: ".git/") do |peer|
          tell("git checkout, #{@files} files", peer.measure { git(dir, "checkout", "-q", "two") }, @changed)
        end
      end
    end

    # Of ten files, five are changed, one is removed, one moved and one made.
    def repository(dir)
      git(dir, "init", "-q", "-b", "one")
      Forest.grow(dir, @files / 20, 20)
      commit(dir)
      git(dir, "checkout", "-q", "-b", "two")
      Dir["#{dir}/**/*.rb"].each_with_index { |file, index| change(file, index % 10) }
      commit(dir)
      @changed = `git -C #{dir} diff --name-status --no-renames one two | wc -l`.to_i
      git(dir, "checkout", "-q", "one")
    end

    def change(file, kind)
      case kind
      when 0..4 then File.write(file, "changed")
      when 5 then File.delete(file)
      when 6 then File.rename(file, "#{file}.moved")
      when 7 then File.write("#{file}.new", "new")
      end
    end

    def commit(dir)
      git(dir, "add", ".")
      git(dir, "-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-q", "-m", "bench")
    end

    def git(dir, *arguments) = Forest.run("git", "-C", dir, *arguments)

    def packages(options, kind)
      Forest.open do |dir|
        Forest.grow(dir, DIRECTORIES - 1, 2)
        told = kind.empty? ? made_by_install : 0
        tell("npm install, #{@packages} packages#{kind}", watched(dir, options) { install(dir) }, told)
        aims_of_ignoring(dir) unless kind.empty?
        tell("rm -rf node_modules#{kind}",
             watched(dir, options) { Forest.run("rm", "-rf", "#{dir}/node_modules") }, told)
      end
    end

    def watched(dir, options, &block)
      TreePeer.open(TreePeer::OURS, dir, **options) { |peer| peer.measure(&block) }
    end

    # node_modules, and of each package: itself, lib, test and ten files.
    def made_by_install = 1 + (@packages * 13)

    # As npm does: each is unpacked beside its place and then renamed.
    def install(dir)
      top = "#{dir}/node_modules"
      Dir.mkdir(top)
      @packages.times do |number|
        staging = "#{top}/.package-#{number}"
        ["", "/lib", "/test"].each { |sub| Dir.mkdir(staging + sub) }
        10.times { |file| File.write("#{staging}#{["", "/lib", "/test"][file % 3]}/#{file}.js", "x") }
        File.rename(staging, "#{top}/package-#{number}")
      end
    end

    def tell(what, result, expected)
      @report.row(what, TreePeer::OURS, { "CPU ms" => result[:cpu] * 1000, "changes" => result[:changes],
                                          "of" => expected, "batches" => result[:batches] })
      @last = result
    end

    # Being asked for a report costs something as well.
    def aims_of_ignoring(dir)
      nothing = watched(dir, { ignore: "node_modules/" }) { nil }
      @report.row("nothing, node_modules ignored", TreePeer::OURS, { "CPU ms" => nothing[:cpu] * 1000 })
      @report.aim("watches in an ignored node_modules", nothing[:stats][:watches] - DIRECTORIES, 0)
      @report.aim("events of an installation into an ignored node_modules, itself apart", @last[:stats][:events] - 1, 0)
      @report.aim("CPU ms of it over doing nothing", (@last[:cpu] - nothing[:cpu]) * 1000, 0.5)
    end
  end
end
