// Preloaded (LD_PRELOAD) into a server, this makes its disk slower: each fsync and fdatasync takes SYNC_DELAY_US microseconds more.
#define _GNU_SOURCE
#include "delay.h"
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_longer(void) {
    const char *text = getenv("SYNC_DELAY_US");
    if (text) usleep((useconds_t)atoi(text));
}

int fsync(int descriptor) {
    wait_longer();
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(descriptor);
}

int fdatasync(int descriptor) {
    wait_longer();
    return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(descriptor);
}
