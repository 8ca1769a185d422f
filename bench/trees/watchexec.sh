# Watches the directory $1 with watchexec, which writes its events into the file $2. Says "ready" when the number of its
# watches has not changed for a second.
(
  count=0 before=-1
  until [ "$count" -gt 0 ] && [ "$count" = "$before" ]; do
    before=$count
    sleep 1
    count=$(cat /proc/$$/fdinfo/* 2>/dev/null | grep -c '^inotify wd')
  done
  echo ready
) &
exec watchexec --only-emit-events --emit-events-to=json-stdio --no-vcs-ignore --no-global-ignore --no-default-ignore \
  --no-project-ignore --watch "$1" >"$2"
