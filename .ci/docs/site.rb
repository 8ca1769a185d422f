# frozen_string_literal: true

# Builds one static site of README.md, docs/, CONTRIBUTING.md, CHANGELOG.md, bench/README.md and the reference of all
# classes, with search, which needs no server: .ci/docs/site.rb DIRECTORY. Run by `rake docs`.

require "fileutils"
require_relative "reference"

module Docs
  # The sources of the site, and the site.
  class Site
    ROOT = File.expand_path("../..", __dir__)
    GUIDE = %w[docs/getting-started docs/watcher docs/events docs/command-line docs/rails docs/rspec docs/rb-inotify
               docs/troubleshooting docs/performance].freeze
    PROJECT = %w[docs/architecture docs/glossary docs/releasing CONTRIBUTING CHANGELOG bench/README].freeze
    PYTHON = File.join(ROOT, "tmp/sphinx/bin/python")
    private_constant :ROOT, :GUIDE, :PROJECT, :PYTHON

    # @param sources [String] a directory that is made anew
    def initialize(sources)
      @sources = sources
    end

    # @param site [String] the directory of the site
    def build(site)
      FileUtils.rm_rf([@sources, site])
      copy
      Reference.new(ROOT).write(File.join(@sources, "reference"))
      add_contents
      # Warnings, of which a broken link is one, are errors.
      system(PYTHON, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", @sources, site) ||
        abort("the site is not built; `bash .ci/setup docs` installs what that needs")
      # What only a build needs.
      FileUtils.rm_rf([".doctrees", ".buildinfo", "objects.inv"].map { |name| File.join(site, name) })
    end

    private

    # As they lie in the repository, so that links hold.
    def copy
      Dir.chdir(ROOT) do
        Dir["*.md", "LICENSE.txt", "docs/*.{md,svg}", "bench/*.{md,svg}", "examples/*"].each do |file|
          FileUtils.mkdir_p(File.join(@sources, File.dirname(file)))
          FileUtils.cp(file, File.join(@sources, file))
        end
      end
      FileUtils.mkdir_p(File.join(@sources, "_static"))
      FileUtils.cp("#{__dir__}/site.css", File.join(@sources, "_static"))
      FileUtils.cp("#{__dir__}/conf.py", @sources)
    end

    # The first page is README.md, with the contents of the site.
    def add_contents
      readme = File.join(@sources, "README.md")
      contents = { "Guide" => GUIDE, "Reference" => ["reference/index"], "Project" => PROJECT }
      trees = contents.map { |title, pages| "```{toctree}\n:hidden:\n:caption: #{title}\n\n#{pages.join("\n")}\n```\n" }
      File.write(File.join(@sources, "index.md"), [File.read(readme), *trees].join("\n"))
      File.delete(readme)
    end
  end
end

Docs::Site.new(ARGV.fetch(1)).build(ARGV.fetch(0))
