// A cache of buffers by size class. Freed buffers wait here instead of going back to the system, because
// returning megabyte activations at each step and faulting them in again costs more than a small model's step.
#include "include/ck_runtime.h"

#include <stdlib.h>
#include <stdio.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

enum { CLASSES = 4 * 64, ALIGNMENT = 64, SMALL_PAGE = 4096, FEW_PAGES = 16 * SMALL_PAGE, HUGE_PAGE = 2 << 20 };
enum { SLACK = 256 };     // kernels read whole vectors, up to two past the end

typedef struct free_buffer { struct free_buffer *next; } free_buffer;

static free_buffer *shelves[CLASSES];
static ck_buffer_counts counts;
static bool locked;

static void lock(void) {
    while (__atomic_exchange_n(&locked, true, __ATOMIC_ACQUIRE)) { }
}
static void unlock(void) { __atomic_store_n(&locked, false, __ATOMIC_RELEASE); }

// Sizes are 4…7 quarters of a power of two, so at most a fifth of a buffer is unused.
static int class_of(size_t bytes, size_t *size) {
    if (bytes <= 64) { *size = 64; return 0; }
    int log = 63 - __builtin_clzll(bytes - 1);
    size_t quarter = (size_t)1 << (log - 2);
    size_t quarters = (bytes + quarter - 1) / quarter;      // 5…8
    *size = quarters * quarter;
    return 4 * log + (int)quarters - 4;
}

static void touch_page(void *memory, int64_t page) { *((volatile char *)memory + page * HUGE_PAGE) = 0; }

// The system clears a page when it is first written to. Threads that fill a buffer side by side would meet at the same large page, each
// clear one, and throw one away; so each large page is written to by one thread before. Small pages are cheaper by the dozen.
static void fault_in(void *memory, size_t bytes, bool huge) {
    if (huge) {
        ck_parallel((int64_t)((bytes + HUGE_PAGE - 1) / HUGE_PAGE), memory, touch_page);
        return;
    }
#if defined(__linux__) && defined(MADV_POPULATE_WRITE)
    uintptr_t start = ((uintptr_t)memory + SMALL_PAGE - 1) / SMALL_PAGE * SMALL_PAGE, end = ((uintptr_t)memory + bytes) / SMALL_PAGE * SMALL_PAGE;
    if (bytes >= FEW_PAGES && end > start) madvise((void *)start, end - start, MADV_POPULATE_WRITE);      // older systems do it one by one
#endif
}

static float *fresh(size_t size, size_t bytes) {
    size += SLACK;
    bool huge = size >= HUGE_PAGE;
    size_t alignment = huge ? HUGE_PAGE : ALIGNMENT;
    void *memory = NULL;
    if (posix_memalign(&memory, alignment, size) != 0) {
        fprintf(stderr, "Out of memory: a tensor of %zu MB did not fit. Use a smaller batch, wrap inference in noGrad, "
                "or free tensors that are no longer needed.\n", size >> 20);
        abort();
    }
#if defined(__linux__)
    if (huge) madvise(memory, size, MADV_HUGEPAGE);
#endif
    fault_in(memory, bytes, huge);
    return memory;
}

// Takes a buffer from the shelf, or counts one that the caller will ask the system for.
static float *take(size_t bytes, size_t *granted, bool may_be_fresh) {
    size_t size;
    int class = class_of(bytes, &size);
    *granted = size;
    lock();
    free_buffer *found = shelves[class];
    if (found || may_be_fresh) {
        counts.taken += 1;
        counts.live_bytes += size;
        if (counts.live_bytes > counts.peak_bytes) counts.peak_bytes = counts.live_bytes;
    }
    if (found) {
        shelves[class] = found->next;
        counts.cached_bytes -= size;
    } else if (may_be_fresh) {
        counts.allocated += 1;
    }
    unlock();
    return (float *)found;
}

float *ck_buffer_take_waiting(size_t bytes, size_t *granted) { return take(bytes, granted, false); }

float *ck_buffer_take(size_t bytes, size_t *granted) {
    float *found = take(bytes, granted, true);
    return found ? found : fresh(*granted, bytes);
}

void ck_buffer_give(float *buffer, size_t granted) {
    size_t size;
    int class = class_of(granted, &size);
    free_buffer *given = (free_buffer *)buffer;
    lock();
    given->next = shelves[class];
    shelves[class] = given;
    counts.live_bytes -= size;
    counts.cached_bytes += size;
    unlock();
}

void ck_buffer_trim(void) {
    free_buffer *taken[CLASSES];
    lock();
    for (int i = 0; i < CLASSES; i++) { taken[i] = shelves[i]; shelves[i] = NULL; }
    counts.cached_bytes = 0;
    unlock();
    for (int i = 0; i < CLASSES; i++) {
        for (free_buffer *buffer = taken[i]; buffer;) {
            free_buffer *next = buffer->next;
            free(buffer);
            buffer = next;
        }
    }
}

ck_buffer_counts ck_buffer_statistics(void) {
    lock();
    ck_buffer_counts now = counts;
    unlock();
    return now;
}

uint64_t ck_node_counter = 1;
_Thread_local bool ck_recording_off = false;
_Thread_local void *ck_thread_object = NULL;
