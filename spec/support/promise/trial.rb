# frozen_string_literal: true

# One workload and one consumer. As a program: KIND FIRST_SEED COUNT [QUEUE] [WAY…]. QUEUE is how long the queue of
# events may be, or "none" where that does not matter; "limited" for few watches, in a user namespace; "shared" for a
# FUSE file system that others change, in a user and mount namespace.
require "inotify_rs"
require "tmpdir"
require_relative "../queue_limit"
require_relative "workload"
require_relative "consumer"
require_relative "copier"

class Trial
  WAYS = %i[fast slow late now_and_then copying].freeze
  # Seconds.
  DEBOUNCES = { late: 60, copying: 0.1 }.freeze
  OPERATIONS = 80

  def initialize(kind, way, seed, queue = nil)
    @kind = kind
    @way = way
    @seed = seed
    @queue = queue
  end

  # What the consumer has wrong at the end.
  def run
    Dir.mktmpdir("promise") { |dir| run_in(File.realpath(dir)) }
  end

  private

  def run_in(dir)
    workload = Workload.new(File.join(dir, "root"), File.join(dir, "outside"), @kind, @seed)
    workload.prepare
    watch(File.join(dir, "root"))
    consume(fork_to { workload.run(OPERATIONS) })
    differences
  ensure
    @watcher&.close
  end

  def watch(root)
    @watcher = with_queue { Inotify::Watcher.new(root, debounce: DEBOUNCES.fetch(@way, 0.002), on_error: ->(_) {}) }
    @consumer = (@way == :copying ? Copier : Consumer).new(root)
  end

  def differences
    found = @consumer.differences
    found << "audit: #{@watcher.audit.first(3)}" unless found.any? || @watcher.audit.empty?
    found
  end

  def with_queue(&block)
    @queue ? QueueLimit.with_queue_of(@queue, &block) : yield
  end

  def fork_to
    fork do
      yield
      exit!(true)
    rescue StandardError => e
      warn e.full_message
      exit!(false)
    end
  end

  def consume(pid)
    case @way
    when :fast, :copying then while_running(pid) { |changes| @consumer.apply(changes) }
    when :slow then while_running(pid) { |changes| @consumer.apply(changes) || sleep(0.03) }
    when :now_and_then then consume_now_and_then(pid)
    else finish(pid)
    end
    settle
  end

  def while_running(pid, &block)
    @watcher.start(&block)
    finish(pid)
    @watcher.stop
  end

  def consume_now_and_then(pid)
    random = Random.new(@seed)
    until Process.wait(pid, Process::WNOHANG)
      @consumer.apply(@watcher.take(timeout: random.rand * 0.01))
      @watcher.sync if random.rand < 0.2
      sleep(random.rand * 0.01)
    end
  end

  def finish(pid)
    _, status = Process.wait2(pid)
    raise "the workload failed" unless status.success?
  end

  def settle
    @watcher.sync(timeout: 30) ? @consumer.apply(@watcher.take(timeout: 0)) : raise("no sync")
  end
end

if $PROGRAM_NAME == __FILE__
  require_relative "polled_trials"
  kind, first, count, queue, *ways = ARGV
  trial = { "limited" => LimitedTrial, "shared" => SharedTrial }.fetch(queue, Trial)
  ways = Trial::WAYS if ways.empty?
  first.to_i.upto(first.to_i + count.to_i - 1) do |seed|
    ways.each do |way|
      differences = trial.new(kind.to_sym, way.to_sym, seed, Integer(queue, exception: false)).run
      puts "#{kind} #{seed} 1 #{queue || "none"} #{way}: #{differences.first(4).join("; ")}" unless differences.empty?
    end
  end
end
