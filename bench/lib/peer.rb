# frozen_string_literal: true

module Bench
  # One way of getting events: a class in a file of peers/, or a program.
  Peer = Struct.new(:name, :file, :klass) do
    def ruby? = !klass.nil?

    # rb-inotify is so slow that it gets fewer events.
    def slow? = file == "rb_inotify"
  end

  KERNEL = Peer.new("C loop, no Ruby", "c_loop")
  C_NAMES = Peer.new("C extension |event, name|", "c_extension", "CNames")
  C_EVENTS = Peer.new("C extension |event|", "c_extension", "CEvents")
  WATCH_NAMES = Peer.new("Inotify.watch |event, name|", "inotify_rs_watch", "WatchNames")
  WATCH_EVENTS = Peer.new("Inotify.watch |event|", "inotify_rs_watch", "WatchEvents")
  EACH = Peer.new("Instance#each |event|", "inotify_rs_instance", "InstanceEach")
  WATCHER = Peer.new("Watcher#each, debounce: 0", "inotify_rs_watcher", "WatcherEach")
  READ = Peer.new("Instance#read", "inotify_rs_instance", "InstanceRead")
  RB_NAMES = Peer.new("rb-inotify, event.name", "rb_inotify", "RbNames")
  RB_EVENTS = Peer.new("rb-inotify, event", "rb_inotify", "RbEvents")
  BARE = Peer.new("bare Ruby", "none", "Bare")
end
