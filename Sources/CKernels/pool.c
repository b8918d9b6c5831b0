// A pool of threads for short parallel loops. Workers take the next part from a shared counter, so one that is held up
// does not hold up the rest; parts never depend on the number of threads, so neither do results.
// After a loop a worker spins for a while, because the next kernel usually follows within microseconds, then sleeps. A program's first
// steps have longer gaps, for page faults and for names that the linker looks up, and waking a thread takes longer than most of these:
// unless the program has said how long to spin, the first loops are waited for longer.
#include "include/ck_table.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

enum { MOST_THREADS = 64, USUAL_SPIN = 20, FIRST_SPIN = 1000, FIRST_LOOPS = 100 };       // microseconds, loops

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t work;
    int wanted, started;
    int spin;                                           // −1: not said
    bool busy;
    uint64_t generation;                                // counts loops; its low 8 bits say how many workers take part
    ck_part part;
    const ck_table *table;                              // the caller's override, which its parts follow
    void *context;
    int64_t parts;
    __attribute__((aligned(64))) int64_t next;
    __attribute__((aligned(64))) int active, sleeping;
} pool = {.mutex = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER, .spin = -1};

static inline void pause_once(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void take_parts(void) {
    for (;;) {
        int64_t part = __atomic_fetch_add(&pool.next, 1, __ATOMIC_RELAXED);
        if (part >= pool.parts) return;
        pool.part(pool.context, part);
    }
}

static bool new_work(uint64_t seen) { return __atomic_load_n(&pool.generation, __ATOMIC_ACQUIRE) != seen; }

// Microseconds to wait awake for the loop after `loops` others.
static int spin_after(uint64_t loops) {
    int said = __atomic_load_n(&pool.spin, __ATOMIC_RELAXED);
    return said >= 0 ? said : loops < FIRST_LOOPS ? FIRST_SPIN : USUAL_SPIN;
}

static uint64_t wait_for_work(uint64_t seen) {
    const int64_t start = now_ns(), most = (int64_t)spin_after(seen >> 8) * 1000;
    bool gives_way = false;
    for (int round = 0; !new_work(seen); round++) {
        if (gives_way) sched_yield();                   // the caller may have been put on the same processor
        else pause_once();
        if (round % 32 != 31) continue;
        const int64_t waited = now_ns() - start;
        gives_way = waited > USUAL_SPIN * 1000;
        if (waited > most) {
            pthread_mutex_lock(&pool.mutex);
            __atomic_fetch_add(&pool.sleeping, 1, __ATOMIC_SEQ_CST);
            while (!new_work(seen)) pthread_cond_wait(&pool.work, &pool.mutex);
            __atomic_fetch_sub(&pool.sleeping, 1, __ATOMIC_SEQ_CST);
            pthread_mutex_unlock(&pool.mutex);
        }
    }
    return __atomic_load_n(&pool.generation, __ATOMIC_ACQUIRE);
}

static void *worker(void *argument) {
    int number = (int)(intptr_t)argument;
    uint64_t seen = 0;
    for (;;) {
        seen = wait_for_work(seen);
        // The caller waits for exactly the workers that take part; the others only note the generation.
        if (number < (int)(seen & 0xFF)) {
            ck_thread_table = pool.table;
            take_parts();
            __atomic_fetch_sub(&pool.active, 1, __ATOMIC_RELEASE);
        }
    }
    return NULL;
}

static void start_workers(int count) {
    while (pool.started < count) {
        pthread_t thread;
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        if (pthread_create(&thread, &attributes, worker, (void *)(intptr_t)pool.started) != 0) return;
        pool.started += 1;
    }
}

int ck_threads(void) {
    int wanted = __atomic_load_n(&pool.wanted, __ATOMIC_RELAXED);
    if (wanted == 0) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        wanted = processors < 1 ? 1 : processors > MOST_THREADS ? MOST_THREADS : (int)processors;
        __atomic_store_n(&pool.wanted, wanted, __ATOMIC_RELAXED);
    }
    return wanted;
}

void ck_set_threads(int count) {
    __atomic_store_n(&pool.wanted, count < 1 ? 1 : count > MOST_THREADS ? MOST_THREADS : count, __ATOMIC_RELAXED);
}

void ck_set_spin(int microseconds) { __atomic_store_n(&pool.spin, microseconds < 0 ? 0 : microseconds, __ATOMIC_RELAXED); }
int ck_spin(void) { return spin_after(FIRST_LOOPS); }

// Tells the workers of a loop that is written down already; those that sleep are woken.
static void announce(int helpers) {
    __atomic_store_n(&pool.active, helpers, __ATOMIC_RELAXED);
    __atomic_store_n(&pool.generation, ((pool.generation >> 8) + 1) << 8 | (uint64_t)helpers, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&pool.sleeping, __ATOMIC_SEQ_CST) == 0) return;
    pthread_mutex_lock(&pool.mutex);
    pthread_cond_broadcast(&pool.work);
    pthread_mutex_unlock(&pool.mutex);
}

static void wait_for_helpers(void) {
    for (int round = 1; __atomic_load_n(&pool.active, __ATOMIC_ACQUIRE) > 0; round++) {
        if (round % 1024 == 0) sched_yield();           // more threads than processors: let the worker run
        else pause_once();
    }
}

void ck_parallel(int64_t parts, void *context, ck_part part) {
    int threads = ck_threads();
    // A second task that computes at the same time does its parts alone: same parts, same result.
    if (parts < 2 || threads < 2 || __atomic_exchange_n(&pool.busy, true, __ATOMIC_ACQUIRE)) {
        for (int64_t i = 0; i < parts; i++) part(context, i);
        return;
    }
    int helpers = (int)(parts < threads ? parts : threads) - 1;
    start_workers(threads - 1);
    if (helpers > pool.started) helpers = pool.started;
    pool.part = part;
    pool.table = ck_thread_table;
    pool.context = context;
    pool.parts = parts;
    pool.next = 0;
    announce(helpers);
    take_parts();
    wait_for_helpers();
    __atomic_store_n(&pool.busy, false, __ATOMIC_RELEASE);
}
