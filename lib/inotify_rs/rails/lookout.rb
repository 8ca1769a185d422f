# frozen_string_literal: true

module Inotify
  # What all {FileUpdateChecker}s of a process share. It has no thread: whoever asks does the work.
  #
  # What is interrupted in the middle leaves doubt. That is settled as an overflow of the kernel's queue is, and as what
  # a forked child missed: everything is looked at, and what has a ctime since all was known last has changed.
  # @api private
  class Lookout
    def initialize
      @lock = Mutex.new
      @subjects = []
      @newcomers = []
      @retired = []
      @refusals = Refusals.new
      @remounts = Remounts.new
    end

    # Begins to watch. What is there now is not a change.
    #
    # @param subject [Subject]
    def add(subject)
      @newcomers << subject
      refresh || subject.change
    end

    # What a finalizer calls: drops a subject, and waits for nobody. Who is at work does it instead, when done.
    #
    # @return [Proc]
    def farewell(subject)
      proc do
        @retired << subject
        Thread.handle_interrupt(Object => :never) { attempt { drop_retired if mine? } }
      end
    end

    # Takes note of all that has happened.
    #
    # @return [Boolean] false when that can't be: in a signal handler that interrupted who is at it
    def refresh
      return false if @lock.owned?

      @lock.synchronize { work }
      true
    rescue ThreadError
      # A signal handler may not wait.
      attempt { work }
    end

    private

    def attempt
      return false unless @lock.try_lock

      begin
        yield
      ensure
        @lock.unlock
      end
      true
    end

    def mine? = @pid == Process.pid

    def work
      moment = Internal::Moment.now
      adopt unless mine?
      drop_retired
      done = !open? || catch_up(moment)
    ensure
      @doubt = true unless done
    end

    # The parent's instance is left to the parent.
    def adopt
      @posts&.close
      @posts = nil
      @pid = Process.pid
      @doubt = !@subjects.empty?
      @remounts.start_over
    end

    def drop_retired
      until @retired.empty?
        subject = @retired.shift
        @newcomers.delete(subject)
        subject.watched.each { |watched| watched.release(@posts) } if @subjects.delete(subject) && @posts
      end
      close if @subjects.empty? && @newcomers.empty?
    end

    def close
      @posts&.close
      @posts = nil
      @doubt = false
    end

    # Whether there is something to watch, and what to watch it with.
    def open?
      return true if @posts
      return false if @subjects.empty? && @newcomers.empty?
      return false unless @failed.nil? || @refusals.due?

      @posts = Posts.new(@refusals)
    rescue SystemCallError => e
      refuse(e)
      false
    end

    # Nothing is known of anything until there is an instance.
    def refuse(error)
      @failed = true
      @refusals.add("/", error)
      @refusals.pause
      @refusals.tell
    end

    # @return [true]
    def catch_up(moment)
      settle
      settle if @remounts.heed(@posts, @subjects)
      admit
      try_again if @refusals.due?
      @refusals.tell
      @moment = moment
      true
    end

    def settle
      loop do
        @posts.deliver { @doubt = true }
        next survey if @doubt

        user = @posts.next_to_look or break
        user.look(@posts)
      end
    end

    def survey
      since = @moment || Internal::Moment::EVER
      @doubt = false
      surveyed = false
      @subjects.each { |subject| subject.watched.each { |watched| watched.look(@posts, since) } }
      surveyed = true
    ensure
      @doubt = true unless surveyed
    end

    # Those there are; signal handlers could make more as fast as they are admitted.
    def admit
      @newcomers.dup.each do |subject|
        subject.watched.each { |watched| watched.look(@posts) }
        subject.change if @failed
        @subjects << subject unless @subjects.include?(subject)
        @newcomers.delete(subject)
      end
      @failed = nil
    end

    def try_again
      @refusals.try(@posts.method(:watchable?)) { |user| user.look(@posts) }
    end
  end

  private_constant :Lookout

  LOOKOUT = Lookout.new
  private_constant :LOOKOUT
end
