/* The kernel's limit: reads events and walks over them, and does nothing with them.
 *
 * c_loop PATH MASK TOTAL [STAMPS]: ends after TOTAL events, or a second without any. With STAMPS, the file that
 * `writer stamps` writes, it tells for each event how long it was under way. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

enum { QUIET = 1000 /* ms */ };

static long long nanoseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void step(const char *name) {
  char line[16];
  puts(name);
  fflush(stdout);
  if (!fgets(line, sizeof line, stdin)) exit(1);
}

int main(int argc, char **argv) {
  static char buffer[64 << 10] __attribute__((aligned(8)));
  if (argc < 4) return 2;
  long total = atol(argv[3]), count = 0, bytes = 0;
  int stamps = argc > 4 ? open(argv[4], O_RDONLY) : -1;

  step("make");
  int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (inotify_add_watch(fd, argv[1], strtoul(argv[2], NULL, 0)) < 0) return 1;
  step("made");

  printf("{\"latencies\":[");
  long long start = nanoseconds(CLOCK_PROCESS_CPUTIME_ID), begin = nanoseconds(CLOCK_MONOTONIC);
  while (count < total) {
    ssize_t length = read(fd, buffer, sizeof buffer);
    if (length <= 0) {
      struct pollfd wait = {fd, POLLIN, 0};
      if (poll(&wait, 1, QUIET) <= 0) break;
      continue;
    }
    for (char *at = buffer; at < buffer + length; count++) {
      const struct inotify_event *event = (void *)at;
      if (event->len) bytes += strlen(event->name);
      at += sizeof *event + event->len;
      if (stamps >= 0) {
        long long sent, now = nanoseconds(CLOCK_MONOTONIC);
        if (pread(stamps, &sent, sizeof sent, count * sizeof sent) != sizeof sent) return 1;
        printf("%s%lld", count ? "," : "", now - sent);
      }
    }
  }
  printf("],\"cpu\":%lld,\"wall\":%lld,\"events\":%ld,\"bytes\":%ld}\n", nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - start,
         nanoseconds(CLOCK_MONOTONIC) - begin, count, bytes);
  return 0;
}
