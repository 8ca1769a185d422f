# frozen_string_literal: true

RSpec.describe "lib/inotify_rs/native.rb" do
  let(:lib) { path("lib") }
  let(:library) { File.join(lib, "inotify_rs/inotify_rs.so") }

  before do
    FileUtils.cp_r(File.join(Program::ROOT, "lib"), lib)
    FileUtils.rm_f(library)
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

  it "says what is wrong with an extension that is there but broken" do
    File.write(library, "no library" * 1000)
    expect(failure).to include("invalid ELF header", library)
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
