# frozen_string_literal: true

# Writes a Makefile that has cargo build the extension. Ruby's own mkmf is all it needs.
require "mkmf"

abort "inotify_rs needs Linux, whose kernel has inotify; this Ruby runs on #{RUBY_PLATFORM}" unless
  RUBY_PLATFORM.include?("linux")

cargo = find_executable(ENV.fetch("CARGO", "cargo")) ||
        abort("inotify_rs needs Rust 1.85 or later to be built: install it from your distribution or https://rustup.rs")

root = File.expand_path("../..", __dir__)

# A checkout shares one target directory per Ruby ABI, so that switching Rubies does not rebuild everything.
target = ENV.fetch("CARGO_TARGET_DIR") { File.join(Dir.pwd, "target") }
own_target = !ENV.key?("CARGO_TARGET_DIR")

def shell(word) = "'#{word.gsub("'", "'\\\\''").gsub("$", "$$")}'"

File.write("Makefile", <<~MAKEFILE)
  #{configuration(".").join}
  # rb-sys asks this Ruby, not the first one in PATH.
  export RUBY = #{RbConfig.ruby.gsub("$", "$$")}
  TARGET = #{shell(target)}
  BUILT = #{shell(File.join(target, "release", "libinotify_rs.so"))}
  DESTINATION = "$(DESTDIR)$(sitearchdir)/inotify_rs"

  all:
  \t#{shell(cargo)} build --locked --release --package inotify_rs --manifest-path #{shell(File.join(root, "Cargo.toml"))} --target-dir $(TARGET)

  # A running program keeps the library it has loaded: the new one takes its name, not its bytes.
  install: all
  \tmkdir -p $(DESTINATION)
  \tcp $(BUILT) $(DESTINATION)/inotify_rs.so.new
  \tmv -f $(DESTINATION)/inotify_rs.so.new $(DESTINATION)/inotify_rs.so
  #{"\trm -rf $(TARGET)" if own_target}

  clean distclean realclean:
  \trm -rf #{own_target ? "$(TARGET)" : ""} Makefile mkmf.log

  .PHONY: all install clean distclean realclean
MAKEFILE
