# frozen_string_literal: true

RSpec.describe "inotify_rs.gemspec" do
  # The homepage and all links of a gem built where the repository's address is this.
  def links(repository)
    script = "spec = Gem::Specification.load(ARGV[0]); print [spec.homepage, spec.metadata].inspect"
    result = Program.run({ **Program::OUTSIDE, "INOTIFY_RS_REPOSITORY" => repository },
                         *Program.ruby("-e", script, File.join(Program::ROOT, "inotify_rs.gemspec")))
    homepage, metadata = *eval(result.out) # rubocop:disable Security/Eval -- it is our own
    [homepage, metadata.except("rubygems_mfa_required")]
  end

  it "derives all links from the repository's address" do
    release = "https://git.example/us/inotify_rs/blob/v#{Inotify::VERSION}"
    expect(links("https://git.example/us/inotify_rs/"))
      .to eq(["https://git.example/us/inotify_rs",
              { "source_code_uri" => "https://git.example/us/inotify_rs/tree/v#{Inotify::VERSION}",
                "changelog_uri" => "#{release}/CHANGELOG.md", "documentation_uri" => "#{release}/README.md",
                "bug_tracker_uri" => "https://git.example/us/inotify_rs/issues" }])
  end

  it "packs every file that a packed document links to" do
    packed = Gem::Specification.load(File.join(Program::ROOT, "inotify_rs.gemspec")).files
    linked = Documents::ALL.select { |document| packed.include?(document.name) }.flat_map do |document|
      document.links.map { |link| File.join("/", File.dirname(document.name), link.sub(/#.*/, "")) }
    end
    files = linked.map { |path| File.expand_path(path)[1..] }
    expect(files.uniq.select { |file| File.file?(File.join(Program::ROOT, file)) } - packed).to be_empty
  end

  it "gives no link where the repository's address is not known" do
    expect([links(nil), links("")]).to all(eq([nil, {}]))
  end
end
