# frozen_string_literal: true

RSpec.describe Inotify, "delivering names" do
  def delivered(fd)
    [].tap { |pairs| Inotify.watch(fd) { |event, name| pairs << [event.name, name] } }
  end

  it "reports names of every length as they are, as event.name and as the second parameter" do
    fd = watching(:create, of: dir)
    names = (1..255).map { |length| "x" * length }
    touch(*names)
    pairs = []
    pairs.concat(delivered(fd)) while pairs.size < names.size
    expect(pairs).to eq(names.map { |name| [name, name] })
  end

  [Encoding::UTF_8, Encoding::ISO_8859_1, Encoding::EUC_JP, Encoding::BINARY].each do |encoding|
    it "reports them in #{encoding} while that is the encoding of the file system" do
      expect(ruby(<<~RUBY)).to eq "[#{encoding.name.inspect}]"
        $VERBOSE = nil
        Encoding.default_external = #{encoding.name.inspect}
        Dir.mktmpdir do |dir|
          fd = Inotify.init
          Inotify.add_watch(fd, dir, :create)
          File.write(File.join(dir, "name"), "")
          Inotify.watch(fd) { |event, name| p [event.name, name].map(&:encoding).push(Encoding.find("filesystem")).map(&:name).uniq }
        end
      RUBY
    end
  end
end
