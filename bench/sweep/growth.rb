# frozen_string_literal: true

require "fileutils"

require_relative "../lib/workspace"

module Bench
  # The table of sweep.rb: CPU time by size, and the exponent of the last step. 1 is linear; caches of the processor,
  # and a logarithm, make a little more of it.
  class Growth
    SIZES = [100, 1000, 10_000, 100_000].freeze
    # A figure of the last step that is smaller says nothing, in seconds.
    LEAST = 0.002
    # A figure that is larger needs no others beside it, in seconds.
    ENOUGH = 1
    # An exponent above this one is a fault.
    LIMIT = 1.25

    # @param largest [Integer] the largest size
    # @param names [Array<String>] of those that are measured; empty: all
    def initialize(largest, names)
      @sizes = SIZES.select { |size| size <= largest }
      @names = names
      @rows = []
    end

    # Measures one work at each size.
    #
    # @param limit [Integer] its largest size
    # @yieldparam count [Integer]
    # @yieldparam dir [String] an empty directory
    # @yieldparam clock [Proc] called with a block, whose CPU time counts
    def measure(name, limit, &work)
      return unless @names.empty? || @names.any? { |part| name.include?(part) }

      seconds = @sizes.select { |size| size <= limit }.to_h { |size| [size, sample(size, work)] }
      @rows << [name, seconds]
      warn row(name, seconds).join(" | ")
    end

    def to_s
      head = ["CPU ms for so many", *@sizes.map(&:to_s), "exponent"]
      rows = [head, *@rows.map { |name, seconds| row(name, seconds) }]
      widths = rows.transpose.map { |cells| cells.map(&:length).max }
      lines = rows.map { |cells| line(cells, widths) }
      [lines.first, rule(widths), *lines.drop(1), "", verdict].join("\n")
    end

    private

    def line(cells, widths)
      first, *others = cells.zip(widths)
      "| #{[first.first.ljust(first.last), *others.map { |cell, width| cell.rjust(width) }].join(" | ")} |"
    end

    def rule(widths)
      first, *others = widths
      "| #{["-" * first, *others.map { |width| "#{"-" * (width - 1)}:" }].join(" | ")} |"
    end

    def row(name, seconds)
      [name, *@sizes.map { |size| seconds[size] ? format("%.2f", seconds[size] * 1000) : "" },
       exponent(seconds) ? format("%.2f", exponent(seconds)) : "-"]
    end

    # Of the last step whose figures are large enough.
    def exponent(seconds)
      (first, less), (last, more) = seconds.to_a.last(2)
      return if last.nil? || less < LEAST

      Math.log(more / less) / Math.log(last.fdiv(first))
    end

    def verdict
      steep = @rows.select { |_, seconds| exponent(seconds)&.>(LIMIT) }.map(&:first)
      steep.empty? ? "no exponent is above #{LIMIT}" : "above #{LIMIT}: #{steep.join(", ")}"
    end

    # The median of three processes, or the first where that took long.
    def sample(size, work)
      first = process(size, work)
      first > ENOUGH ? first : [first, *Array.new(2) { process(size, work) }].sort[1]
    end

    def process(size, work)
      Workspace.open do |dir|
        reader, writer = IO.pipe
        child = fork do
          writer.puts(seconds(size, dir, work))
          exit!(0)
        end
        writer.close
        Process.wait(child)
        Float(reader.read)
      end
    end

    def seconds(size, dir, work)
      total = 0.0
      clock = lambda do |&block|
        GC.start
        start = cpu
        block.call.tap { total += cpu - start }
      end
      work.call(size, dir, clock)
      total
    end

    def cpu = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
  end

  # What one file measures: WORKS has the largest size and the method of each.
  class Sweep
    # Yields name, largest size and the work.
    def each
      self.class::WORKS.each { |name, (limit, work)| yield name, limit, method(work) }
    end

    private

    # Makes files, and returns their paths.
    def files(dir, count, prefix = "file")
      Array.new(count) { |number| File.join(dir, "#{prefix}#{number}").tap { |path| File.write(path, "") } }
    end

    # Makes a directory of links to the paths that the block makes in another one, and returns its path.
    def links(dir)
      target, links = dirs(dir, 2)
      yield(target).each_with_index { |path, number| File.symlink(path, File.join(links, number.to_s)) }
      links
    end

    # Makes directories, and returns their paths.
    def dirs(dir, count)
      Array.new(count) { |number| File.join(dir, "dir#{number}").tap { |path| Dir.mkdir(path) } }
    end
  end
end
