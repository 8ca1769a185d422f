# frozen_string_literal: true

RSpec.describe "lib/inotify_rs/native.rb" do
  let(:lib) { path("lib") }
  let(:library) { File.join(lib, "inotify_rs/inotify_rs.so") }
  let(:minor) { RUBY_VERSION[/\A\d+\.\d+/] }
  let(:precompiled) { File.join(lib, "inotify_rs", minor, "inotify_rs.so") }

  before do
    FileUtils.cp_r(File.join(Program::ROOT, "lib"), lib)
    FileUtils.rm_f(library)
  end

  # Compiles C into the shared library `target`.
  def shared(target, source, *options)
    FileUtils.mkdir_p(File.dirname(target))
    File.write(path("source.c"), source)
    built = Program.run("gcc", "-shared", "-nostdlib", "-o", target, path("source.c"), *options)
    expect([built.status.exitstatus, built.err]).to eq([0, ""])
  end

  # An extension at `target` that needs `version` of the C library called `soname`.
  def extension(target, soname, version)
    File.write(path("versions"), "#{version} { wanted; };")
    shared(path("libc.so"), "void wanted(void) {}", "-Wl,-soname,#{soname}", "-Wl,--version-script,#{path("versions")}")
    shared(target, "void wanted(void); void Init_inotify_rs(void) { wanted(); }", path("libc.so"))
  end

  # The last words of a program that requires the gem.
  def failure(prelude = "")
    script = "#{prelude}; begin; require 'inotify_rs'; rescue LoadError => e; print e.message; end"
    Program.run(Program::OUTSIDE, *Program.ruby("-I", lib, "-e", script)).out
  end

  it "says what to do when the extension is not built" do
    expect(failure).to eq("the extension of inotify_rs is not built for ruby #{RUBY_VERSION}: run `rake compile` " \
                          "in a checkout, `gem pristine inotify_rs` for an installed gem")
  end

  it "says for which Rubies a gem is precompiled that is not for this one" do
    %w[2.1 2.10 2.9].each { |other| extension(precompiled.sub("/#{minor}/", "/#{other}/"), "libc.so.6", "GLIBC_2.99") }
    expect(failure).to eq("this gem of inotify_rs is precompiled for Ruby 2.1, 2.9, 2.10, not for ruby " \
                          "#{RUBY_VERSION}: `gem install inotify_rs --platform ruby` builds it for this one")
  end

  it "says what is wrong with an extension that is there but broken" do
    File.write(library, "no library" * 1000)
    expect(failure)
      .to match(/\Athe extension of inotify_rs does not load: .*invalid ELF header.*#{library}.*; `gem pristine/)
  end

  it "takes the precompiled library for this minor version of Ruby first" do
    [library, precompiled].each do |file|
      FileUtils.mkdir_p(File.dirname(file))
      File.write(file, "no library" * 1000)
    end
    expect(failure).to include("invalid ELF header", precompiled)
  end

  it "says what to do when a precompiled library is there but broken" do
    FileUtils.mkdir_p(File.dirname(precompiled))
    File.write(precompiled, "no library" * 1000)
    expect(failure).to end_with("; `gem install inotify_rs --platform ruby` builds one for this system")
  end

  it "says which glibc a precompiled library needs" do
    extension(precompiled, "libc.so.6", "GLIBC_2.99")
    expect(failure)
      .to match(/\Athe precompiled library of inotify_rs needs glibc 2\.99 or later: .*#{precompiled}.*; `gem install/)
  end

  it "says that a library for glibc does not load into a Ruby that uses musl" do
    extension(precompiled, "libc.so.6", "GLIBC_2.99")
    expect(failure('require "rbconfig"; RbConfig::CONFIG["host_os"] = "linux-musl"'))
      .to match(/\Athe precompiled library of inotify_rs is for glibc, and this Ruby uses musl: .*; `gem install/)
  end

  it "says that a library for musl does not load into a Ruby that uses glibc" do
    extension(precompiled, "libc.musl-none.so.1", "MUSL_1")
    expect(failure).to match(/\Athe precompiled library of inotify_rs is for musl, and this Ruby uses glibc: .*; `gem/)
  end

  it "says that only Linux has inotify" do
    expect(failure('Object.send(:remove_const, :RUBY_PLATFORM); RUBY_PLATFORM = "arm64-darwin23"'))
      .to eq("inotify_rs needs Linux, whose kernel has inotify; this Ruby runs on arm64-darwin23")
  end

  it "says that only CRuby can load it, and which Ruby this is" do
    failures = %w[jruby truffleruby].map do |engine|
      failure("Object.send(:remove_const, :RUBY_ENGINE); RUBY_ENGINE = #{engine.inspect}")
    end
    expect(failures).to eq(%w[JRuby TruffleRuby].map do |name|
      "inotify_rs is a native extension for CRuby; #{name} cannot load it"
    end)
  end
end
