/* Makes the events, in a process of its own.
 *
 * writer fill FILE COUNT          opens and closes FILE: two events each
 * writer storm DIR COUNT          creates files, writes to them and closes them: three events each
 * writer stamps FILE DIR COUNT USEC
 *                                 writes to files in DIR, with pauses of USEC and up to half of it more; into FILE, one
 *                                 behind the other, the times in nanoseconds */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int fill(const char *file, long count) {
  while (count--) {
    int fd = open(file, O_RDONLY);
    if (fd < 0 || close(fd) < 0) return 1;
  }
  return 0;
}

static int storm(const char *dir, long count) {
  char path[4096];
  for (long number = 0; number < count; number++) {
    snprintf(path, sizeof path, "%s/file-%06ld.txt", dir, number);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0 || write(fd, path, 1) != 1 || close(fd) < 0) return 1;
  }
  return 0;
}

static int stamps(const char *file, const char *dir, long count, long microseconds) {
  char path[4096];
  int watched[2], fd = open(file, O_RDWR | O_CREAT, 0600);
  if (fd < 0 || ftruncate(fd, count * sizeof(long long)) < 0) return 1;
  volatile long long *sent = mmap(NULL, count * sizeof *sent, PROT_WRITE, MAP_SHARED, fd, 0);
  if (sent == MAP_FAILED) return 1;
  for (int i = 0; i < 2; i++) {
    snprintf(path, sizeof path, "%s/%d", dir, i);
    watched[i] = open(path, O_WRONLY | O_CREAT, 0600);
  }
  for (long i = 0; i < count; i++) {
    struct timespec now, pause = {0, (microseconds + rand() % (microseconds / 2 + 1)) * 1000};
    nanosleep(&pause, NULL);
    clock_gettime(CLOCK_MONOTONIC, &now);
    sent[i] = now.tv_sec * 1000000000LL + now.tv_nsec;
    /* Two files in turn: the kernel merges neighbours that are the same. */
    if (pwrite(watched[i % 2], "x", 1, 0) != 1) return 1;
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 4 && !strcmp(argv[1], "fill")) return fill(argv[2], atol(argv[3]));
  if (argc == 4 && !strcmp(argv[1], "storm")) return storm(argv[2], atol(argv[3]));
  if (argc == 6 && !strcmp(argv[1], "stamps")) return stamps(argv[2], argv[3], atol(argv[4]), atol(argv[5]));
  fputs("usage: writer fill FILE COUNT | storm DIR COUNT | stamps FILE DIR COUNT USEC\n", stderr);
  return 2;
}
