# frozen_string_literal: true

require "open3"

RSpec.describe Inotify::Flags, "beside <sys/inotify.h>" do
  # The IN_* names of the header, macros and enumerators, each with the value that the C compiler gives it.
  def header
    names = compiler("-E", "-dD").scan(/\bIN_[A-Z_]+\b/).uniq
    lines = names.map { |name| %(printf("#{name} %u\\n", (unsigned) #{name});) }
    source = "#include <stdio.h>\n#include <sys/inotify.h>\nint main(void) { #{lines.join} }"
    compiler("-o", path("header"), source: source)
    `#{path("header")}`.split.each_slice(2).to_h { |name, value| [name.to_sym, Integer(value)] }
  end

  def compiler(*arguments, source: "#include <sys/inotify.h>\n")
    output, status = Open3.capture2e("cc", *arguments, "-x", "c", "-", stdin_data: source)
    raise output unless status.success?

    output
  end

  before { skip "needs a C compiler" unless system("cc", "--version", out: File::NULL, err: File::NULL) }

  it "has exactly its constants, with its values" do
    ours = Inotify::Flags.constants.grep(/\AIN_/).to_h { |name| [name, Inotify::Flags.const_get(name)] }
    expect(ours).to eq header
  end

  it "is compared with a header that has them" do
    expect(header).to include(IN_CREATE: 0x100, IN_ONESHOT: 0x8000_0000, IN_CLOEXEC: 0o2000000, IN_NONBLOCK: 0o4000)
  end
end
