// What the kernels run on: buffers, threads, the chosen instruction set, and the tape's two words of state.
#ifndef CK_RUNTIME_H
#define CK_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Buffers of floats, 64-byte aligned, from a cache of size classes (four for each power of two).
// Up to 128 bytes past the end may be read. `*granted` is the class's size in bytes and must be handed back with the buffer. Thread-safe.
float *ck_buffer_take(size_t bytes, size_t *granted);
float *ck_buffer_take_waiting(size_t bytes, size_t *granted);      // NULL: none of this size waits in the cache
void ck_buffer_give(float *buffer, size_t granted);
void ck_buffer_trim(void);
typedef struct { uint64_t taken, allocated, live_bytes, cached_bytes, peak_bytes; } ck_buffer_counts;
ck_buffer_counts ck_buffer_statistics(void);

// Used-up objects of the caller's, by kind, that wait to be used again: a thousand of each at most. Thread-safe.
enum { CK_SPARE_STORAGE, CK_SPARE_NODE, CK_SPARE_BACKWARD, CK_SPARE_KINDS };
bool ck_spare_put(int kind, void *object);      // false: no room
void *ck_spare_take(int kind);                  // NULL: none waits

// The lock of the caller's list of results, and what makes another thread's last use of an object visible before it is used again.
void ck_results_lock(void);
void ck_results_unlock(void);
static inline void ck_results_acquire(void) { __atomic_thread_fence(__ATOMIC_ACQUIRE); }

// Threads, the caller included. Waiting workers spin for `microseconds`, then sleep.
void ck_set_threads(int count);
int ck_threads(void);
void ck_set_spin(int microseconds);
int ck_spin(void);
typedef void (*ck_part)(void *context, int64_t part);
void ck_parallel(int64_t parts, void *context, ck_part part);

// Instruction sets. Setting one that this processor lacks returns false and changes nothing.
enum { CK_PATH_128, CK_PATH_AVX2, CK_PATH_AVX512 };
bool ck_set_path(int path);
int ck_path(void);
bool ck_path_available(int path);

// Creation order of tape nodes over all threads, and the thread's switch for recording.
extern uint64_t ck_node_counter;
static inline uint64_t ck_next_node(void) { return __atomic_fetch_add(&ck_node_counter, 1, __ATOMIC_RELAXED); }
extern _Thread_local bool ck_recording_off;
static inline bool ck_is_recording(void) { return !ck_recording_off; }
static inline void ck_set_recording(bool on) { ck_recording_off = !on; }
// One object of the caller's for this thread; see the tape's release of long chains.
extern _Thread_local void *ck_thread_object;
static inline void *ck_get_thread_object(void) { return ck_thread_object; }
static inline void ck_set_thread_object(void *object) { ck_thread_object = object; }

// Double-precision functions for set-up work, so that the trainer needs no Foundation.
double ck_log(double x);
double ck_cos(double x);
double ck_sin(double x);
double ck_power(double x, int n);

#endif
