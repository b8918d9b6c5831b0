#pragma once
/// How often this thread has asked for memory. Counts glibc's malloc, calloc and realloc; elsewhere it stays 0.
unsigned long allocation_count(void);
/// The process's memory in use and its greatest so far, in KiB; 0 where /proc is missing.
void memory_now(long *resident, long *peak);
