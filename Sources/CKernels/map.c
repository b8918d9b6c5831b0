// Elementwise drivers.
#include "parts.h"

#include <math.h>
#include <string.h>

typedef struct { int op; int64_t n; const float *x, *y, *g; float *out; float p, q; } map_job;

static void map_part(void *context, int64_t part) {
    map_job *j = context;
    int64_t first = part * CK_PART, n = ck_least(CK_PART, j->n - first);
    ck_kernels->map(j->op, n, j->x + first, j->out + first, j->p, j->q);
}

void ck_map(int op, int64_t n, const float *x, float *y, float p, float q) {
    map_job job = {.op = op, .n = n, .x = x, .out = y, .p = p, .q = q};
    ck_parallel(ck_divide_up(n, CK_PART), &job, map_part);
}

static void map_gradient_part(void *context, int64_t part) {
    map_job *j = context;
    int64_t first = part * CK_PART, n = ck_least(CK_PART, j->n - first);
    ck_kernels->map_gradient(j->op, n, j->x + first, j->y + first, j->g + first, j->out + first, j->p, j->q);
}

void ck_map_gradient(int op, int64_t n, const float *x, const float *y, const float *g, float *dx, float p, float q) {
    map_job job = {.op = op, .n = n, .x = x, .y = y, .g = g, .out = dx, .p = p, .q = q};
    ck_parallel(ck_divide_up(n, CK_PART), &job, map_gradient_part);
}

typedef struct { int64_t n; const float *c, *a, *b; float *y; uint64_t seed, counter; float p; } flat_job;

static void select_part(void *context, int64_t part) {
    flat_job *j = context;
    int64_t first = part * CK_PART, n = ck_least(CK_PART, j->n - first);
    ck_kernels->select(n, j->c + first, j->a + first, j->b + first, j->y + first);
}

void ck_select(int64_t n, const float *condition, const float *a, const float *b, float *y) {
    flat_job job = {.n = n, .c = condition, .a = a, .b = b, .y = y};
    ck_parallel(ck_divide_up(n, CK_PART), &job, select_part);
}

static void add_into_part(void *context, int64_t part) {
    flat_job *j = context;
    int64_t first = part * CK_PART, n = ck_least(CK_PART, j->n - first);
    ck_kernels->add_into(n, j->a + first, j->y + first);
}

void ck_add_into(int64_t n, const float *x, float *y) {
    flat_job job = {.n = n, .a = x, .y = y};
    ck_parallel(ck_divide_up(n, CK_PART), &job, add_into_part);
}

static void dropout_part(void *context, int64_t part) {
    flat_job *j = context;
    int64_t first = part * CK_PART, n = ck_least(CK_PART, j->n - first);
    ck_kernels->dropout(n, j->seed, j->counter, first, j->p, j->a + first, j->y + first);
}

void ck_dropout(int64_t n, uint64_t seed, uint64_t counter, float p, const float *x, float *y) {
    flat_job job = {.n = n, .a = x, .y = y, .seed = seed, .counter = counter, .p = p};
    ck_parallel(ck_divide_up(n, CK_PART), &job, dropout_part);
}

// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014), the SplitMix64 finalizer.
uint64_t ck_random_bits(uint64_t seed, uint64_t counter) {
    uint64_t z = seed + (counter + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void fill_part(void *context, int64_t part) {
    map_job *j = context;
    int64_t first = part * CK_PART, end = ck_least(first + CK_PART, j->n);
    for (int64_t i = first; i < end; i++) j->out[i] = j->p;
}

void ck_fill(int64_t n, float value, float *y) {
    map_job job = {.n = n, .out = y, .p = value};
    ck_parallel(ck_divide_up(n, CK_PART), &job, fill_part);
}

double ck_log(double x) { return log(x); }
double ck_cos(double x) { return cos(x); }
double ck_sin(double x) { return sin(x); }
double ck_power(double x, int n) { return pow(x, n); }
