// Normally distributed numbers: a new model's weights, drawn by all threads.
#include "include/CKernels.h"
#include "include/ck_runtime.h"

#include <math.h>

enum { PART = 8192 };     // numbers drawn by one thread at a time; even, so that no pair is split

typedef struct {
    uint64_t seed, counter;
    int64_t count;
    float mean, std, *out;
} draw;

static double uniform(uint64_t seed, uint64_t counter) { return (double)(ck_random_bits(seed, counter) >> 11) * 0x1p-53; }

// Box, Muller, A Note on the Generation of Random Normal Deviates (1958). No fused products: every processor draws the same numbers.
static void draw_part(void *context, int64_t part) {
#pragma STDC FP_CONTRACT OFF
    const draw *d = context;
    int64_t end = (part + 1) * PART < d->count ? (part + 1) * PART : d->count;
    for (int64_t i = part * PART; i < end; i += 2) {
        double radius = sqrt(-2 * log(1 - uniform(d->seed, d->counter + (uint64_t)i)));
        double angle = 2 * M_PI * uniform(d->seed, d->counter + (uint64_t)i + 1);
        float first = (float)(radius * cos(angle)), second = (float)(radius * sin(angle));
        d->out[i] = d->mean + d->std * first;
        if (i + 1 < end) d->out[i + 1] = d->mean + d->std * second;
    }
}

void ck_normals(uint64_t seed, uint64_t counter, int64_t count, float mean, float std, float *out) {
    draw d = { seed, counter, count, mean, std, out };
    ck_parallel((count + PART - 1) / PART, &d, draw_part);
}
