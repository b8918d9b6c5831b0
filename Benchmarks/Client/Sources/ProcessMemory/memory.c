#include "process_memory.h"
#include <stdio.h>

void memory_now(long *resident, long *peak) {
    char line[256];
    *resident = *peak = 0;
    FILE *file = fopen("/proc/self/status", "r");
    if (!file) return;
    while (fgets(line, sizeof line, file)) {
        sscanf(line, "VmRSS: %ld", resident);
        sscanf(line, "VmHWM: %ld", peak);
    }
    fclose(file);
}
