# frozen_string_literal: true

require "io/nonblock"
require "io/wait"
require "json"
require_relative "../support/program"

# A headless Chromium with one page, which is driven by the DevTools protocol through pipes.
class Browser
  LIMIT = Program::LIMIT
  COMMAND = %w[chromium --headless --disable-gpu --no-first-run --remote-debugging-pipe].freeze
  private_constant :LIMIT, :COMMAND

  # Errors on the page's console, exceptions of its scripts, and everything it did not find or loaded from elsewhere.
  attr_reader :errors

  def self.open(*options)
    browser = new(*options)
    yield browser
  ensure
    browser&.close
  end

  # @param profile [String] a directory for what it stores
  def initialize(profile)
    @number = 0
    @errors = []
    @events = []
    @bytes = "".b
    start(profile)
    begin_session
  end

  # Loads a page, and waits until that is done.
  def visit(url)
    @events.clear
    call("Page.navigate", url: url)
    await("Page.loadEventFired")
  end

  # Does something that loads another page, and waits until that is done.
  def leave
    @events.clear
    yield
    await("Page.loadEventFired")
  end

  # The value of an expression, or of its promise.
  def value(script)
    result = call("Runtime.evaluate", expression: script, returnByValue: true, awaitPromise: true)
    raise "#{script}: #{result.dig("exceptionDetails", "exception", "description")}" if result["exceptionDetails"]

    result.dig("result", "value")
  end

  # Waits until an expression is true.
  def wait_for(script)
    stop = now + LIMIT
    until value(script)
      raise "#{script} did not become true" if now > stop

      read(0.05)
    end
  end

  def resize(width, height)
    call("Emulation.setDeviceMetricsOverride", width: width, height: height, deviceScaleFactor: 1, mobile: width < 600)
  end

  # @param scheme [String] light or dark
  def prefer(scheme)
    call("Emulation.setEmulatedMedia", features: [{ name: "prefers-color-scheme", value: scheme }])
  end

  # @param file [String] for the picture
  def photograph(file)
    File.binwrite(file, call("Page.captureScreenshot", format: "png")["data"].unpack1("m"))
  end

  # Lets it end by itself, so that none of its processes still writes into its directory.
  def close
    @commands.write(JSON.generate(id: 0, method: "Browser.close"), "\0")
    @process.join(LIMIT)
  ensure
    kill
    [@commands, @answers].each(&:close)
  end

  private

  def start(profile)
    input, @commands = IO.pipe
    @answers, output = IO.pipe
    [input, output].each { |io| io.nonblock = false }
    # It has a sandbox of its own, which root may not use.
    sandbox = Process.uid.zero? ? ["--no-sandbox"] : []
    files = { 3 => input, 4 => output, %i[out err] => File::NULL }
    pid = spawn(*COMMAND, *sandbox, "--user-data-dir=#{profile}", **files, pgroup: true)
    @process = Process.detach(pid)
    [input, output].each(&:close)
  end

  # What is left.
  def kill
    Process.kill(:KILL, -@process.pid)
  rescue Errno::ESRCH
    # Nothing is.
  end

  def begin_session
    target = call("Target.createTarget", url: "about:blank")["targetId"]
    @session = call("Target.attachToTarget", targetId: target, flatten: true)["sessionId"]
    %w[Page Runtime Log Network].each { |domain| call("#{domain}.enable") }
  end

  def call(method, **params)
    number = @number += 1
    message = { id: number, method: method, params: params, sessionId: @session }.compact
    @commands.write(JSON.generate(message), "\0")
    reply = await(method) { |event| event["id"] == number }
    raise "#{method}: #{reply["error"]}" if reply["error"]

    reply["result"]
  end

  # Waits for an event, or a reply.
  def await(name, &block)
    block ||= ->(event) { event["method"] == name }
    stop = now + LIMIT
    until (found = @events.find(&block))
      raise "no #{name} within #{LIMIT} s" if now > stop

      read(0.1)
    end
    @events.delete(found)
  end

  # Reads the messages that come within so many seconds.
  def read(seconds)
    return unless @answers.wait_readable(seconds)

    @bytes << @answers.readpartial(1 << 20)
    while (message = @bytes.slice!(/\A[^\0]*\0/n))
      @events << JSON.parse(message.chomp("\0"))
      error = error_of(**@events.last.slice("method", "params").transform_keys(&:to_sym))
      @errors << error if error
    end
  end

  def error_of(method: nil, params: nil)
    case method
    when "Runtime.exceptionThrown" then params.dig("exceptionDetails", "exception", "description").to_s
    when "Log.entryAdded" then logged(params["entry"])
    when "Runtime.consoleAPICalled" then printed(params)
    when "Network.loadingFailed" then params["errorText"] unless params["canceled"]
    when "Network.requestWillBeSent" then elsewhere(params["request"])
    end
  end

  def logged(entry)
    entry.values_at("text", "url").join(" ") if entry["level"] == "error"
  end

  def printed(params)
    params["args"].map { |argument| argument["value"] }.join(" ") if params["type"] == "error"
  end

  def elsewhere(request) = request["url"][/\A(?!file:|data:|about:|blob:).*/]&.prepend("loads ")

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
end
