/* What a walk costs that only watches each directory and keeps the names: getdents64(2), inotify_add_watch(2) by path.
 * tree_walk DIR tells "ready" and waits for its standard input to end. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

struct entry {
    unsigned long long ino;
    long long off;
    unsigned short reclen;
    unsigned char type;
    char name[];
};

static char *names; /* Of everything, one after the other. */
static size_t used, room;

static void keep(const char *name) {
    size_t length = strlen(name) + 1;
    if (used + length > room) {
        room = (room + length) * 2;
        names = realloc(names, room);
        if (!names) abort();
    }
    memcpy(names + used, name, length);
    used += length;
}

static void walk(int inotify, char *path, size_t length) {
    if (inotify_add_watch(inotify, path, IN_ALL_EVENTS & ~(IN_ACCESS | IN_OPEN | IN_CLOSE_NOWRITE)) < 0) {
        perror(path);
        exit(1);
    }
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    char buffer[32 << 10];
    /* The offsets, in `names`, of the directories to be entered. */
    size_t *dirs = NULL, count = 0, size = 0;
    long got;
    while ((got = syscall(SYS_getdents64, fd, buffer, sizeof buffer)) > 0) {
        for (long at = 0; at < got;) {
            struct entry *entry = (struct entry *)(buffer + at);
            at += entry->reclen;
            if (!strcmp(entry->name, ".") || !strcmp(entry->name, "..")) continue;
            if (entry->type == DT_DIR) {
                if (count == size) {
                    size = size ? size * 2 : 8;
                    dirs = realloc(dirs, size * sizeof *dirs);
                    if (!dirs) abort();
                }
                dirs[count++] = used;
            }
            keep(entry->name);
        }
    }
    close(fd);
    for (size_t i = 0; i < count; i++) {
        size_t more = strlen(names + dirs[i]);
        path[length] = '/';
        memcpy(path + length + 1, names + dirs[i], more + 1);
        walk(inotify, path, length + 1 + more);
        path[length] = 0;
    }
    free(dirs);
}

int main(int argc, char **argv) {
    static char path[1 << 16];
    if (argc != 2 || strlen(argv[1]) > 4096) return 2;
    strcpy(path, argv[1]);
    int inotify = inotify_init1(IN_CLOEXEC);
    walk(inotify, path, strlen(path));
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF) {}
    return 0;
}
