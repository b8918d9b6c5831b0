// Objects of the caller's that are used up and will be needed again soon: asking the system's allocator for each tensor's storage and
// each recorded operation anew would cost a small model a good part of its step.
#include "include/ck_runtime.h"

enum { ROOM = 1024 };

static void *waiting[CK_SPARE_KINDS][ROOM];
static int counts[CK_SPARE_KINDS];
static bool locked;

static void lock(void) {
    while (__atomic_exchange_n(&locked, true, __ATOMIC_ACQUIRE)) { }
}
static void unlock(void) { __atomic_store_n(&locked, false, __ATOMIC_RELEASE); }

static bool results_locked;

void ck_results_lock(void) {
    while (__atomic_exchange_n(&results_locked, true, __ATOMIC_ACQUIRE)) { }
}
void ck_results_unlock(void) { __atomic_store_n(&results_locked, false, __ATOMIC_RELEASE); }

bool ck_spare_put(int kind, void *object) {
    lock();
    bool fits = counts[kind] < ROOM;
    if (fits) waiting[kind][counts[kind]++] = object;
    unlock();
    return fits;
}

void *ck_spare_take(int kind) {
    lock();
    void *object = counts[kind] > 0 ? waiting[kind][--counts[kind]] : NULL;
    unlock();
    return object;
}
