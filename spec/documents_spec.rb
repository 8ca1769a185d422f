# frozen_string_literal: true

# Each ```ruby block runs as it stands, in an empty directory; a ```text block behind it is what it prints.
RSpec.describe "README.md, CONTRIBUTING.md, docs/ and bench/README.md" do
  def timeless(output) = output.gsub(/[\d.]+ seconds/, "some seconds")

  # Without warnings of other gems.
  def own(messages) = messages.lines.grep_v(%r{\A/.*/(gems|vendor_ruby)/.*: warning: }).join

  def read(name) = File.read(File.join(Program::ROOT, name), encoding: "UTF-8")

  # The path of a link from a document, and the anchor in it.
  def target(document, link)
    path, anchor = link.split("#", 2)
    path = path.empty? ? document.name : File.join(File.dirname(document.name), path)
    [File.expand_path(path, "/")[1..], anchor]
  end

  def resolves?(document, link)
    path, anchor = target(document, link)
    return false unless File.exist?(File.join(Program::ROOT, path))

    anchor.nil? || Documents.find(path)&.anchors&.include?(anchor)
  end

  Documents::ALL.each do |document|
    document.blocks.select { |block| block.language == "ruby" }.each do |block|
      it "runs line #{block.line} of #{document.name}, which prints what it says" do
        result = Program.run(*Program.ruby("-w", "-I", Children::LIB, "-e", block.body), chdir: dir)
        expect([result.status.exitstatus, own(result.err)]).to eq([0, ""])
        expect(timeless(result.out)).to eq(timeless(block.output || ""))
      end
    end
  end

  # Everything else that is quoted is indented.
  it "have no code block that no spec runs" do
    languages = Documents::ALL.flat_map { |document| document.blocks.map(&:language) }
    expect(languages.uniq).to match_array(%w[console ruby text yaml])
  end

  it "have links only to files and headings that exist" do
    broken = Documents::ALL.flat_map do |document|
      document.links.reject { |link| resolves?(document, link) }.map { |link| "#{document.name}: #{link}" }
    end
    expect(broken).to be_empty
  end

  it "name only files and directories of this repository that exist" do
    pattern = %r{`((?:spec|ext|lib|bench|\.ci|examples|sig)/[^`… ]+)`}
    named = Documents::ALL.flat_map { |document| document.text.scan(pattern).flatten }
    expect(named.uniq.select { |name| Dir.glob(name, base: Program::ROOT).empty? }).to be_empty
  end

  it "are all linked from README.md" do
    readme = Documents.find("README.md")
    expect(readme.links.map { |link| target(readme, link).first }).to include(*Documents::ALL.map(&:name))
  end

  # Figures are in columns that are aligned to the right, or in tables of figures.
  it "name the command that makes each table of figures" do
    nameless = Documents::ALL.flat_map do |document|
      tables = document.tables.select { |table| table.rows[1].include?("-:") || table.rows[0].start_with?("| figure") }
      tables.reject { |table| measured?(table) }.map { |table| "#{document.name}:#{table.line}" }
    end
    expect(nameless).to be_empty
  end

  def measured?(table)
    scripts = table.sections.flat_map { |text| text.scan(%r{\bruby (bench/\w+\.rb)}).flatten }
    scripts.any? && scripts.all? { |script| File.exist?(File.join(Program::ROOT, script)) }
  end

  it "name the version of Rust that Cargo.toml asks for" do
    rust = read("Cargo.toml")[/^rust-version = "(.+)"/, 1]
    expect(Documents::ALL.flat_map { |document| document.text.scan(/Rust (\d\S+)/) }.flatten.uniq).to eq([rust])
  end

  it "name the gem that `rake build` makes" do
    names = Documents::ALL.flat_map { |document| document.text.scan(/inotify_rs-(\S+)\.gem/) }
    expect(names.flatten.uniq).to eq([Inotify::VERSION])
  end

  it "are of the version that the gem and the crates have" do
    expect([read("CHANGELOG.md")[/^## (\d[\d.]*)/, 1], read("Cargo.toml")[/^version = "(.+)"/, 1]])
      .to eq([Inotify::VERSION] * 2)
  end

  it "let README.md be read in one go" do
    expect(read("README.md").lines.size).to be_between(150, 220)
  end
end
