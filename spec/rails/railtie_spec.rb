# frozen_string_literal: true

require "inotify_rs/rails"

# The application of spec/rails/app, which has no setting of its own here.
RSpec.describe "Inotify::Rails::Railtie", :slow do
  before do
    skip "Rails, Puma or sqlite3 is not installed" unless RailsServer.there?
    RailsServer.copy(dir)
  end

  # Prints the file watcher of the application when it is initialized.
  let(:script) { <<~RUBY }
    require "./config/application"
    Rails.application.initialize!
    print Rails.application.config.file_watcher
  RUBY

  def run(script, **environment)
    environment = { FILE_WATCHER: nil, DATABASE_URL: "sqlite3::memory:", RUBYLIB: Children::LIB, **environment }
    environment = Program::OUTSIDE.merge(environment.transform_keys(&:to_s))
    result = Program.run(environment, *Program.ruby("-W0", "-e", script), chdir: dir, limit: RailsServer::LIMIT)
    raise result.out + result.err unless result.status.success?

    result.out
  end

  def file_watcher(environment) = run(script, RAILS_ENV: environment)

  def environment_file(name, setting)
    FileUtils.mkdir_p(path("config/environments"))
    File.write(path("config/environments/#{name}.rb"), "Rails.application.configure { #{setting} }\n")
  end

  # Replaces the line of config/application.rb that matches, and adds one.
  def application(pattern, replacement)
    content = File.read(path("config/application.rb"))
    raise "no #{pattern} in config/application.rb" unless content.match?(pattern)

    File.write(path("config/application.rb"), content.sub(pattern, replacement))
  end

  %w[development test].each do |environment|
    it "sets the file watcher in #{environment}" do
      expect(file_watcher(environment)).to eq "Inotify::FileUpdateChecker"
    end
  end

  %w[production staging].each do |environment|
    it "leaves the default in #{environment}" do
      expect(file_watcher(environment)).to eq "ActiveSupport::FileUpdateChecker"
    end
  end

  it "loads the rest of the library with an application that is loaded eagerly" do
    environment_file("production", "config.eager_load = true")
    pending = "Rails.application.initialize!; print Inotify.autoload?(:Watcher).inspect"
    expect(run("require './config/application'; #{pending}", RAILS_ENV: "production")).to eq "nil"
  end

  it "leaves a setting in an environment file, also of the default" do
    environment_file("development", "config.file_watcher = ActiveSupport::FileUpdateChecker")
    expect(file_watcher("development")).to eq "ActiveSupport::FileUpdateChecker"
  end

  it "leaves a setting in config/application.rb, also of the default" do
    application(/^ *config\.load_defaults.*\n/, "\\0    config.file_watcher = ActiveSupport::FileUpdateChecker\n")
    expect(file_watcher("development")).to eq "ActiveSupport::FileUpdateChecker"
  end

  it "leaves a setting in an initializer" do
    FileUtils.mkdir_p(path("config/initializers"))
    File.write(path("config/initializers/watcher.rb"), <<~RUBY)
      Rails.application.config.file_watcher = Class.new(ActiveSupport::FileUpdateChecker) { def self.to_s = "own" }
    RUBY
    expect(file_watcher("development")).to eq "own"
  end

  it "leaves a setting that was made before the gem was required" do
    application(/^require "inotify_rs.*\n/, "")
    application(/^ *config\.load_defaults.*\n/, <<~'RUBY')
      \0config.file_watcher = Class.new(ActiveSupport::FileUpdateChecker) { def self.to_s = "own" }
      require "inotify_rs/rails"
    RUBY
    expect(file_watcher("development")).to eq "own"
  end

  it "sets the file watcher when the gem is required after the application was defined" do
    application(/^require "inotify_rs.*\n/, "")
    environment_file("development", 'require "inotify_rs/rails"')
    expect(file_watcher("development")).to eq "Inotify::FileUpdateChecker"
  end

  it "is not there without Rails, nor needed" do
    script = 'require "inotify_rs/rails"; ' \
             "p Inotify::FileUpdateChecker, defined?(Rails), Inotify.const_get(:Rails).const_defined?(:Railtie)"
    expect(run(script)).to eq "Inotify::FileUpdateChecker\nnil\nfalse\n"
  end

  it "lets a guarded setting of the application do nothing where the gem is missing" do
    application(/^require "inotify_rs.*\n/, "")
    environment_file("development", <<~RUBY)
      config.file_watcher = Inotify::FileUpdateChecker if defined?(Inotify::FileUpdateChecker)
    RUBY
    expect(file_watcher("development")).to eq "ActiveSupport::FileUpdateChecker"
  end

  it "has the next response show a change" do
    RailsServer.serve(dir, watcher: nil) do |server|
      before = server.get("/post").body
      model = File.read(path("app/models/post.rb"))
      File.write(path("app/models/post.rb"), model.sub("first", "2nd"))
      pid = server.program.pid
      targets = Dir.children("/proc/#{pid}/fd").map { |fd| DescriptorLeaks.target(fd, pid) }
      expect([before, server.get("/post").body, targets]).to match([/model: first/, /model: 2nd/, include(/inotify/)])
    end
  end
end
