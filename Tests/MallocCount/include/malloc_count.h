#pragma once
/// How often this thread has asked for memory. Counts glibc's malloc, calloc, realloc and posix_memalign;
/// elsewhere, and under sanitizers, it stays 0.
unsigned long malloc_count(void);
