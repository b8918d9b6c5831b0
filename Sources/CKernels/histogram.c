// Distributions of many numbers, in chunks that depend on their count only.
#include "parts.h"

#include <math.h>
#include <string.h>

enum { CHUNKS = 16, PLACES = 2048 };

typedef struct {
    int64_t n, step, bins;
    const float *x;
    double first, width;
    ck_spread spreads[CHUNKS];
    uint32_t *counts;                   // [chunks][bins]
} histogram_job;

static int64_t chunk_length(int64_t n) { return ck_most(CK_PART, ck_divide_up(n, CHUNKS)); }

static void spread_chunk(void *context, int64_t part) {
    histogram_job *j = context;
    const int64_t first = part * j->step;
    ck_kernels->spread(ck_least(j->step, j->n - first), j->x + first, &j->spreads[part]);
}

ck_spread ck_find_spread(int64_t n, const float *x) {
    histogram_job job = {.n = n, .x = x, .step = chunk_length(n)};
    const int64_t chunks = ck_divide_up(n, job.step);
    ck_parallel(chunks, &job, spread_chunk);
    ck_spread all = {.low = INFINITY, .high = -INFINITY};
    for (int64_t i = 0; i < chunks; i++) {
        all.low = fmin(all.low, job.spreads[i].low);
        all.high = fmax(all.high, job.spreads[i].high);
        all.sum += job.spreads[i].sum;
        all.nan += job.spreads[i].nan;
    }
    return all;
}

// Neighbours often fall into one bin, so two rows of counters take turns: an increment need not wait for the one before it.
static void count_chunk(void *context, int64_t part) {
    const histogram_job *j = context;
    const int64_t end = ck_least(j->n, (part + 1) * j->step);
    uint32_t *even = j->counts + part * 2 * j->bins, *odd = even + j->bins;
    int32_t places[PLACES];
    memset(even, 0, (size_t)(2 * j->bins) * sizeof(uint32_t));
    for (int64_t i = part * j->step; i < end; i += PLACES) {
        const int64_t n = ck_least(PLACES, end - i);
        ck_kernels->bins(n, j->x + i, j->first, j->width, (int32_t)j->bins - 1, places);
        int64_t k = 0;
        for (; k + 2 <= n; k += 2) { even[places[k]] += 1; odd[places[k + 1]] += 1; }
        if (k < n) even[places[k]] += 1;
        // A NaN was put into the first bin.
        for (int64_t l = 0; l < n; l++) (l & 1 ? odd : even)[0] -= j->x[i + l] != j->x[i + l];
    }
}

void ck_count_bins(int64_t n, const float *x, double first, double width, int64_t bins, uint64_t *counts) {
    histogram_job job = {.n = n, .x = x, .step = chunk_length(n), .bins = bins, .first = first, .width = width};
    const int64_t chunks = ck_divide_up(n, job.step);
    size_t granted;
    job.counts = (uint32_t *)ck_buffer_take((size_t)(CHUNKS * 2 * bins) * sizeof(uint32_t), &granted);
    ck_parallel(chunks, &job, count_chunk);
    for (int64_t row = 0; row < 2 * chunks; row++)
        for (int64_t b = 0; b < bins; b++) counts[b] += job.counts[row * bins + b];
    ck_buffer_give((float *)job.counts, granted);
}
