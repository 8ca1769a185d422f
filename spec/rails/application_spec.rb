# frozen_string_literal: true

require "inotify_rs/rails"

# A real application and a real server: what is saved is in the very next response.
RSpec.describe Inotify::FileUpdateChecker, "in a Rails application", :slow do
  # What is done, and what the next response of each process contains.
  changes = {
    "a model is edited" => ["model: 2nd", ->(it) { it.edit("app/models/post.rb", "first", "2nd") }],
    "a view is edited" => ["view: 2nd", ->(it) { it.edit("app/views/posts/show.html.erb", "first", "2nd") }],
    "a locale is edited" => ["locale: hi", ->(it) { it.edit("config/locales/en.yml", "hello", "hi") }],
    "a route is removed" => ["No route matches", ->(it) { it.edit("config/routes.rb", '"/post"', '"/other"') }],
    "a route is added" => ["view: 2nd", ->(it) { it.edit("config/routes.rb", '"/other"', '"/post"') }],
    "a model is saved atomically" => ["model: 3rd", ->(it) { it.replace("app/models/post.rb", "2nd", "3rd") }],
    "files are made, and a directory" => ["model: 4th, locale: later", lambda do |it|
      it.write("app/models/blog/later.rb", content: "module Blog::Later\n  def headline = \"4th\"\nend\n")
      it.edit("app/models/post.rb", 'def headline = "3rd"', "include Blog::Later")
      it.write("config/locales/later.yml", content: "en:\n  greeting: later\n")
    end],
    "one of them is edited" => ["model: 5th", ->(it) { it.edit("app/models/blog/later.rb", "4th", "5th") }],
    "a locale is removed" => ["locale: hi", ->(it) { File.delete(it.path("config/locales/later.yml")) }],
    "a view is made that is preferred" => ["view: 6th", lambda do |it|
      it.write("app/views/posts/show.en.html.erb", content: "view: 6th")
    end],
    "a view is removed" => ["view: 2nd", ->(it) { File.delete(it.path("app/views/posts/show.en.html.erb")) }],
    "a directory is removed" => ["uninitialized constant", ->(it) { FileUtils.rm_r(it.path("app/models/blog")) }]
  }.freeze

  before do
    skip "Rails, Puma or sqlite3 is not installed" unless RailsServer.there?
    RailsServer.copy(dir)
  end

  def edit(name, from, to)
    content = File.read(path(name))
    raise "no #{from} in #{name}" unless content.include?(from)

    File.write(path(name), content.sub(from, to))
  end

  def replace(name, from, to)
    write("#{name}.tmp", content: File.read(path(name)).sub(from, to))
    File.rename(path("#{name}.tmp"), path(name))
  end

  # The next response of each process.
  def answers(server, processes)
    found = {}
    within(RailsServer::LIMIT) do
      found[(answer = server.get("/post")).pid] ||= answer.body while found.size < processes
    end
    found.values
  end

  # The changes that were missing in the next response of a process.
  define_method(:missed) do |processes, *options|
    RailsServer.serve(dir, *options) do |server|
      answers(server, processes)
      changes.reject do |_, (expected, change)|
        change.call(self)
        answers(server, processes).all? { |body| body.include?(expected) }
      end
    end
  end

  it "shows every change in the next response" do
    expect(missed(1).keys).to eq []
  end

  it "shows every change in the next response of each worker that was forked with the application loaded" do
    expect(missed(2, "-w", "2", "--preload").keys).to eq []
  end

  it "shows every change in the next response of each worker that loaded the application itself" do
    expect(missed(2, "-w", "2", "-C", "no_preload.rb").keys).to eq []
  end

  it "has one inotify instance in each process, and no thread for it" do
    RailsServer.serve(dir) do |server|
      answers(server, 1)
      pid = server.program.pid
      targets = Dir.children("/proc/#{pid}/fd").map { |fd| DescriptorLeaks.target(fd, pid) }
      expect([targets.count("anon_inode:inotify"), Tasks.watching(pid)]).to eq [1, []]
    end
  end
end
