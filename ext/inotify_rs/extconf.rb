# frozen_string_literal: true

# Writes a Makefile that has cargo build the extension. Ruby's own mkmf is all it needs.
require_relative "../../lib/inotify_rs/internal/platform"

# Not with Kernel#abort: mkmf would then go on about missing headers.
def refuse(sentence)
  warn sentence
  exit!(false)
end

unsupported = Inotify.const_get(:Internal)::Platform.unsupported
refuse unsupported if unsupported

# JRuby's own mkmf raises when it is required.
require "mkmf"

root = File.expand_path("../..", __dir__)
rust = File.read(File.join(root, "Cargo.toml"))[/^rust-version = "(.+)"/, 1]
need = "inotify_rs needs Rust #{rust} or later to be built"
advice = "install it from your distribution or https://rustup.rs, or set CARGO to it"

# rustup's own place is often missing from the PATH of sudo and of services.
cargo = find_executable(ENV.fetch("CARGO", "cargo")) ||
        find_executable("cargo", File.join(ENV.fetch("CARGO_HOME") { File.expand_path("~/.cargo") }, "bin")) ||
        refuse("#{need}, and no cargo was found: #{advice}")

version = IO.popen([cargo, "--version"], &:read)[/\d+(\.\d+)+/]
refuse "#{need}, and #{cargo} is #{version || "broken"}: #{advice}" unless
  version && Gem::Version.new(version) >= Gem::Version.new(rust)

# A checkout shares one target directory per Ruby ABI, so that switching Rubies does not rebuild everything.
target = ENV.fetch("CARGO_TARGET_DIR") { File.join(Dir.pwd, "target") }
own_target = !ENV.key?("CARGO_TARGET_DIR")

def shell(word) = "'#{word.gsub("'", "'\\\\''").gsub("$", "$$")}'"

# For musl, rustc links the C library statically by default. A shared library cannot be linked so, nor can a build
# script that loads libclang.
musl = "export RUSTFLAGS += -C target-feature=-crt-static" if Inotify.const_get(:Internal)::Platform.libc == "musl"

# RubyGems runs `make clean` first: it must leave the Makefile.
File.write("Makefile", <<~MAKEFILE)
  #{configuration(".").join}
  # rb-sys asks this Ruby, not the first one in PATH.
  export RUBY = #{RbConfig.ruby.gsub("$", "$$")}
  TARGET = #{shell(target)}
  BUILT = $(TARGET)/$(CARGO_BUILD_TARGET)/release/libinotify_rs.so
  DESTINATION = "$(DESTDIR)$(sitearchdir)/inotify_rs"
  # The subcommand of cargo: `rake native:library` has another one for an older glibc.
  CARGO_BUILD = build
  #{musl}

  all:
  \t#{shell(cargo)} $(CARGO_BUILD) --locked --release --package inotify_rs --manifest-path #{shell(File.join(root, "Cargo.toml"))} --target-dir $(TARGET)

  # A running program keeps the library it has loaded: the new one takes its name, not its bytes.
  install: all
  \tmkdir -p $(DESTINATION)
  \tcp $(BUILT) $(DESTINATION)/inotify_rs.so.new
  \tmv -f $(DESTINATION)/inotify_rs.so.new $(DESTINATION)/inotify_rs.so
  #{"\trm -rf $(TARGET)" if own_target}

  clean:
  #{"\trm -rf $(TARGET)" if own_target}

  distclean realclean: clean
  \trm -f Makefile mkmf.log

  .PHONY: all install clean distclean realclean
MAKEFILE
