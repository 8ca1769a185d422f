# frozen_string_literal: true

require "cgi"
require_relative "browser"

# The site that `rake docs` builds, as a reader has it: from files, in a real browser, without a server. Set
# INOTIFY_RS_SITE_PICTURES to a directory for pictures of it.
RSpec.describe "the site", :site do
  site = File.join(Program::ROOT, "site")
  pages = Dir["**/*.html", base: site].sort
  # A phone's width in pixels.
  phone = 360

  around { |example| Browser.open(path("profile")) { |browser| (@browser = browser) && example.run } }

  attr_reader :browser

  def url(page) = "file://#{Program::ROOT}/site/#{page}"

  def title = browser.value("document.title")

  def photograph(name)
    pictures = ENV.fetch("INOTIFY_RS_SITE_PICTURES", nil) or return
    FileUtils.mkdir_p(pictures)
    browser.photograph(File.join(pictures, "#{name}.png"))
  end

  # Where the page's links lead: the page and the anchor.
  def links
    browser.value("[...document.querySelectorAll('a[href]')].map((a) => a.href)").grep(/\Afile:/).map do |link|
      target, anchor = link.split("#", 2)
      [CGI.unescape(target.delete_prefix("file://")), CGI.unescape(anchor.to_s)]
    end
  end

  def anchors = browser.value("[...document.querySelectorAll('[id]')].map((element) => element.id)")

  it "has the guide, the reference and the project's pages" do
    expect(pages).to include("index.html", "docs/watcher.html", "reference/Inotify-Watcher.html", "CONTRIBUTING.html")
  end

  it "has neither errors nor dead links on any page, and loads nothing from elsewhere", :aggregate_failures do
    found = pages.to_h do |page|
      browser.visit(url(page))
      [File.join(site, page), [links, anchors]]
    end
    dead = found.flat_map do |page, (links, _)|
      links.reject { |target, anchor| File.file?(target) && (anchor.empty? || found[target]&.last&.include?(anchor)) }
           .map { |target, anchor| "#{page}: #{target}##{anchor}" }
    end
    expect(dead.uniq).to be_empty
    expect(browser.errors).to be_empty
  end

  it "leads from page to page", :aggregate_failures do
    browser.resize(1280, 900)
    browser.visit(url("index.html"))
    photograph("first")
    ["The watcher", "Troubleshooting", "Reference", "Inotify::Watcher"].each do |name|
      link = "[...document.querySelectorAll('a')].find((a) => a.innerText == '#{name}')"
      browser.leave { browser.value("#{link}.click()") }
      expect(title).to start_with(name)
    end
    photograph("reference")
  end

  { "debounce" => "The watcher", "ENOSPC" => "Troubleshooting", "deconstruct_keys" => "Inotify::Change",
    "Zeitwerk" => "Rails, Zeitwerk, Sidekiq, Rack", "fdinfo" => nil }.each do |word, page|
    it "finds #{page || "nothing"} by the word #{word}", :aggregate_failures do
      browser.visit(url("docs/rspec.html"))
      browser.leave do
        browser.value("document.querySelector('.sidebar-search').value = '#{word}'; " \
                      "document.querySelector('.sidebar-search-container').submit()")
      end
      browser.wait_for("document.querySelector('#search-results .search-summary')?.innerText.length > 20")
      results = browser.value("[...document.querySelectorAll('#search-results li a')].map((a) => a.innerText)")
      page ? expect(results).to(include(start_with(page))) : expect(results).to(be_empty)
      photograph("search")
      expect(browser.errors).to be_empty
    end
  end

  it "fits a phone: no page is wider than the screen" do
    browser.resize(phone, 700)
    wide = pages.select do |page|
      browser.visit(url(page))
      browser.value("document.documentElement.scrollWidth") > phone
    end
    browser.visit(url("docs/command-line.html"))
    photograph("phone")
    expect(wide).to be_empty
  end

  # The luminance of two colours, from 0 to 1.
  def brightness(property)
    color = browser.value("getComputedStyle(document.querySelector('article').closest('body')).#{property}")
    color.scan(/\d+/).first(3).sum { |part| part.to_i / 765.0 }
  end

  { "light" => [0.8..1, 0..0.4], "dark" => [0..0.3, 0.6..1] }.each do |scheme, (background, text)|
    it "is #{scheme} where the reader wants that", :aggregate_failures do
      browser.prefer(scheme)
      browser.resize(1280, 900)
      browser.visit(url("docs/performance.html"))
      photograph(scheme)
      expect(background).to cover(brightness("backgroundColor"))
      expect(text).to cover(brightness("color"))
    end
  end
end
