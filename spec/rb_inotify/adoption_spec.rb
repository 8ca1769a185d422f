# frozen_string_literal: true

# The ways to have it, with the real listen, and the real Bundler.
RSpec.describe "having inotify_rs in the place of rb-inotify", if: Consumers.installed?("listen") do
  include Consumers

  before { RbInotify.load }

  let(:root) { Program::ROOT }
  # What is loaded of all that is called rb-inotify and ffi.
  let(:stub) { "lib/inotify_rs/rb_inotify/stub/rb-inotify.rb" }
  let(:watched) { path("watched").tap { |name| Dir.mkdir(name) } }

  # Ends a script that listens: what it reported of a new file, and what of rb-inotify and ffi is loaded.
  def listening(before = "")
    <<~RUBY
      #{before}
      require "listen"
      reported = Queue.new
      listener = Listen.to(ARGV[0]) { |_modified, added, _removed| added.each { |path| reported << path } }
      listener.start
      File.write(File.join(ARGV[0], "file"), "")
      puts File.basename(reported.pop)
      listener.stop
      puts $LOADED_FEATURES.grep(%r{/(rb-inotify|ffi)\\b.*\\.(rb|so)\\z}).map { |name| name.delete_prefix("#{root}/") }.uniq
    RUBY
  end

  def run(*command, **environment)
    environment = Program::OUTSIDE.merge(environment.transform_keys(&:to_s))
    result = Program.run(environment, *command, watched, chdir: dir)
    raise result.out + result.err unless result.status.success?

    result.out.lines(chomp: true)
  end

  # A Gemfile that needs no other source than what is installed.
  def gemfile(*lines)
    File.write(path("Gemfile"), ["source Gem.sources.to_a.first", *lines].join("\n"))
    path("Gemfile")
  end

  def bundle_exec(script, **environment)
    run(*Program.ruby("-W0", "-S", "bundle", "exec", RbConfig.ruby, "-W0", "-e", script), **environment)
  end

  it "takes one require" do
    script = listening('require "inotify_rs/rb_inotify"')
    expect(run(*Program.ruby("-W0", "-I", Children::LIB, "-e", script))).to eq(["file", stub])
  end

  it "takes RUBYOPT alone" do
    expect(run(*Program.ruby("-W0", "-e", listening), RUBYOPT: Stock::RUBYOPT)).to eq(["file", stub])
  end

  it "takes RUBYOPT alone where Bundler has rb-inotify" do
    file = gemfile('gem "listen"')
    expect(bundle_exec(listening, BUNDLE_GEMFILE: file, RUBYOPT: Stock::RUBYOPT)).to eq(["file", stub])
  end

  it "takes one require where Bundler has rb-inotify" do
    file = gemfile('gem "listen"', "gem 'inotify_rs', path: '#{root}'")
    expect(bundle_exec(listening('require "inotify_rs/rb_inotify"'), BUNDLE_GEMFILE: file)).to eq(["file", stub])
  end

  it "takes a line in a Gemfile where the program calls Bundler.require" do
    file = gemfile("gem 'inotify_rs', path: '#{root}', require: 'inotify_rs/rb_inotify'", 'gem "listen"')
    expect(bundle_exec(listening("Bundler.require"), BUNDLE_GEMFILE: file)).to eq(["file", stub])
  end

  it "takes a second gem in a Gemfile, with which neither rb-inotify nor ffi is in the bundle" do
    file = gemfile('gem "listen"', "path '#{root}', glob: '**/*.gemspec' do", 'gem "inotify_rs"',
                   'gem "rb-inotify", require: false', "end")
    expect(bundle_exec(listening, BUNDLE_GEMFILE: file)).to eq(["file", stub])
    locked = File.read(path("Gemfile.lock")).scan(/^ {4}(\S+) \((.+)\)/).to_h
    expect(locked).to include("rb-inotify" => "0.99.#{Inotify::VERSION}", "inotify_rs" => Inotify::VERSION)
    expect(locked).not_to include("ffi")
  end

  it "takes the second gem only where the Gemfile names it" do
    file = gemfile('gem "listen"', "gem 'inotify_rs', path: '#{root}'")
    script = 'puts Gem.loaded_specs.key?("ffi"), Gem.loaded_specs["rb-inotify"].version < Gem::Version.new("0.99")'
    expect(bundle_exec(script, BUNDLE_GEMFILE: file)).to eq(%w[true true])
  end

  it "needs inotify_rs with the second gem, which says so" do
    script = 'begin; require "rb-inotify"; rescue LoadError => e; puts e.message; end'
    expect(run(*Program.ruby("-I", File.dirname(File.join(root, stub)), "-e", script)))
      .to eq(["this rb-inotify runs on inotify_rs, which is missing: add `gem \"inotify_rs\"` to the Gemfile, " \
              "or run `gem install inotify_rs`"])
  end

  it "is not found by a program that does not ask for it" do
    script = 'require "inotify_rs"; puts $LOAD_PATH.grep(/stub/); puts defined?(INotify).inspect'
    expect(run(*Program.ruby("-I", Children::LIB, "-e", script))).to eq(["nil"])
  end

  it "has its files in the gem" do
    files = Gem::Specification.load(File.join(root, "inotify_rs.gemspec")).files
    expect(files).to include(stub, "lib/inotify_rs/rb_inotify.rb")
  end
end
