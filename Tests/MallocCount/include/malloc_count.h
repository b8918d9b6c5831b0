#pragma once
/// How often this thread has asked for memory. Counts glibc's malloc, calloc and realloc; elsewhere, and under sanitizers, it stays 0.
unsigned long malloc_count(void);
