/* Makes files at full speed: tree_files DIR DIRECTORIES FILES makes so many directories, a hundred in each of those in
 * DIR, and so many files in each. Directories may be there already. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void make(const char *path) {
    if (mkdir(path, 0777) && errno != EEXIST) {
        perror(path);
        exit(1);
    }
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    int dirs = atoi(argv[2]), files = atoi(argv[3]);
    char path[4096];
    for (int dir = 0; dir < dirs; dir++) {
        snprintf(path, sizeof path, "%s/dir%d", argv[1], dir / 100);
        if (dir % 100 == 0) make(path);
        if (dir % 100 > 0) {
            snprintf(path, sizeof path, "%s/dir%d/dir%d", argv[1], dir / 100, dir % 100);
            make(path);
        }
        for (int file = 0; file < files; file++) {
            char name[4200];
            snprintf(name, sizeof name, "%s/file%d.rb", path, file);
            int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
            if (fd < 0 || write(fd, "x", 1) != 1) {
                perror(name);
                return 1;
            }
            close(fd);
        }
    }
    return 0;
}
