# Watches the directory $1 with a watchman of its own, whose client writes the names into the file $2. Says "ready" when
# the server has replied.
own=$(mktemp -d)
(
  until [ -S "$own/socket" ]; do sleep 0.1; done
  { echo "[\"subscribe\", \"$1\", \"all\", {\"fields\": [\"name\"]}]" && tail --pid=$$ -f /dev/null; } |
    watchman --sockname "$own/socket" --no-spawn --no-pretty -p -j >"$2" 2>/dev/null &
  until [ -s "$2" ]; do sleep 0.1; done
  echo ready
  tail --pid=$$ -f /dev/null
  rm -rf "$own"
) &
exec watchman --foreground --sockname "$own/socket" --statefile "$own/state" --logfile "$own/log" --pidfile "$own/pid"
