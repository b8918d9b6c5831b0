// How drivers split work. Part sizes are constants of the problem, never of the thread count.
#ifndef CK_PARTS_H
#define CK_PARTS_H

#include "include/ck_table.h"

#define ck_kernels ck_current_table()

enum { CK_PART = 16384 };       // elements of one elementwise part: 64 kB, about a first-level cache

static inline int64_t ck_least(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t ck_most(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t ck_divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Rows so that a part holds about CK_PART elements.
static inline int64_t ck_rows_a_part(int64_t width) { return ck_most(1, CK_PART / ck_most(1, width)); }

#endif
