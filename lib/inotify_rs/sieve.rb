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
      @lock = Mutex.new
      @batches = []
    end

    # @return [WatcherThread, Array, nil] what has a batch; nil: there is none
    def ready
      return (@thread if @thread.changes?) unless @filter.filters?

      @lock.synchronize { sift if @batches.empty? }
      @batches unless @batches.empty?
    end

    # Whether it has taken changes that nobody got yet.
    def holds? = !(@unsifted.nil? && @batches.empty?)

    # Says of the directories that were found whether they count.
    def judge
      @lock.synchronize { answer_questions } if @filter.judges?
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

    private

    # A filter that raises finds the batch again at the next call.
    def sift
      Thread.handle_interrupt(Feed::UNINTERRUPTED) { @unsifted ||= @thread.shift }
      return unless @unsifted

      sifted = @filter.apply(@unsifted)
      Thread.handle_interrupt(Feed::UNINTERRUPTED) do
        @batches << sifted unless sifted.empty?
        @unsifted = nil
      end
    end

    # What is asked is forgotten when it is answered, not before.
    def answer_questions
      Thread.handle_interrupt(Feed::UNINTERRUPTED) { @questions ||= @thread.questions }
      judgements = @questions.map { |number, path| [number, @filter.counts?(path, true)] }
      @thread.judge(judgements) unless judgements.empty?
      @questions = nil
    end
  end
  private_constant :Sieve
end
