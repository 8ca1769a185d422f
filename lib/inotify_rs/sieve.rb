# frozen_string_literal: true

module Inotify
  # What a {Watcher} hands over next. Where Regexps and callables decide what counts, they are asked here.
  # @api private
  class Sieve
    # @param thread [WatcherThread]
    # @param filter [Filter]
    def initialize(thread, filter)
      @thread = thread
      @filter = filter
      # What was taken and not filtered yet, and what was.
      @unsifted = []
      @batches = []
      @questions = []
    end

    # @return [WatcherThread, Array, nil] what has a batch; nil: there is none
    def ready
      return (@thread if @thread.changes?) unless @filter.filters?

      sift if @batches.empty? && !@filter.asking?
      @batches unless @batches.empty?
    end

    # Whether it has taken changes that nobody got yet.
    def holds? = !(@unsifted.empty? && @batches.empty?)

    # Says of the directories that were found whether they count.
    def judge
      answer_questions if @filter.judges? && !@filter.asking?
    end

    # @return [Array<String>] those of the paths that count
    def select(paths)
      @filter.filters? ? paths.select { |path| @filter.counts?(path, File.directory?(path)) } : paths
    end

    # @param differences [Array<Array>] `[[sentence, directory that is there and not known], …]`
    # @return [Array<String>] the sentences, but for directories that don't count
    def differences(differences)
      differences.select { |_, dir| dir.nil? || @filter.counts?(dir, true) }.map(&:first)
    end

    # Whether this fiber is inside of a filter, which must not wait for what needs its own result.
    def asking? = @filter.asking?

    # @return [Array<FilterError>] what filters raised since the last call
    def take_errors = @filter.errors.shift(@filter.errors.size)

    private

    # Without a lock, which no signal handler may take. Whoever finds a batch filters it: two threads at once may ask
    # twice, and the first to end moves it.
    def sift
      @thread.shift_to(@unsifted) if @unsifted.empty?
      batch = @unsifted.first or return

      WatcherThread.settle(batch, @unsifted, @filter.apply(batch), @batches)
    end

    # What is asked is forgotten when it is answered, not before. A second answer changes nothing.
    def answer_questions
      @thread.questions_to(@questions)
      questions = @questions.dup
      return if questions.empty?

      @thread.judge(questions.map { |number, path| [number, @filter.counts?(path, true)] })
      questions.each { |question| @questions.delete(question) }
    end
  end
  private_constant :Sieve
end
