// Loops over up to eight strided dimensions: broadcasting, copies between layouts, sums into slices.
#include "parts.h"

#include <string.h>

// Neighbouring dimensions that all operands walk without a gap become one.
typedef struct { int rank; int64_t shape[CK_MAX_RANK], a[CK_MAX_RANK], b[CK_MAX_RANK]; } walk;

static walk collapse(int rank, const int64_t *shape, const int64_t *a, const int64_t *b) {
    walk w = {.rank = 0};
    for (int i = 0; i < rank; i++) {
        if (shape[i] == 1) continue;
        int last = w.rank - 1;
        if (last >= 0 && w.a[last] == a[i] * shape[i] && w.b[last] == b[i] * shape[i]) {
            w.shape[last] *= shape[i];
            w.a[last] = a[i];
            w.b[last] = b[i];
        } else {
            w.shape[w.rank] = shape[i];
            w.a[w.rank] = a[i];
            w.b[w.rank] = b[i];
            w.rank += 1;
        }
    }
    if (w.rank == 0) w = (walk){.rank = 1, .shape = {1}, .a = {1}, .b = {1}};
    return w;
}

typedef struct {
    walk w;
    int64_t outer, outer_a_part, inner_a_part, inner_parts;
    const float *a, *b;
    float *y;
    int op;
    bool adds;
} strided_job;

static void place(const walk *w, int64_t index, int64_t *at_a, int64_t *at_b) {
    *at_a = *at_b = 0;
    for (int i = w->rank - 2; i >= 0; i--) {
        int64_t at = index % w->shape[i];
        index /= w->shape[i];
        *at_a += at * w->a[i];
        *at_b += at * w->b[i];
    }
}

static void plan(strided_job *j) {
    int64_t n = j->w.shape[j->w.rank - 1];
    j->outer = 1;
    for (int i = 0; i < j->w.rank - 1; i++) j->outer *= j->w.shape[i];
    j->inner_a_part = ck_most(1, ck_least(n, CK_PART));
    j->inner_parts = ck_divide_up(n, j->inner_a_part);
    j->outer_a_part = j->inner_parts > 1 ? 1 : ck_rows_a_part(n);
}

static int64_t parts_of(const strided_job *j) { return ck_divide_up(j->outer, j->outer_a_part) * j->inner_parts; }

static void zip_part(void *context, int64_t part) {
    strided_job *j = context;
    const walk *w = &j->w;
    int last = w->rank - 1;
    int64_t n = w->shape[last], from = part % j->inner_parts * j->inner_a_part, count = ck_least(j->inner_a_part, n - from);
    int64_t row = part / j->inner_parts * j->outer_a_part, end = ck_least(j->outer, row + j->outer_a_part);
    for (; row < end; row++) {
        int64_t at_a, at_b;
        place(w, row, &at_a, &at_b);
        ck_kernels->zip(j->op, count, j->a + at_a + from * w->a[last], w->a[last],
                        j->b + at_b + from * w->b[last], w->b[last], j->y + row * n + from);
    }
}

void ck_zip(int op, int rank, const int64_t *shape, const float *a, const int64_t *a_strides,
            const float *b, const int64_t *b_strides, float *y) {
    strided_job job = {.w = collapse(rank, shape, a_strides, b_strides), .op = op, .a = a, .b = b, .y = y};
    plan(&job);
    ck_parallel(parts_of(&job), &job, zip_part);
}

static void copy_line(int64_t n, const float *x, int64_t sx, float *y, int64_t sy) {
    if (sx == 1 && sy == 1) memcpy(y, x, (size_t)n * sizeof(float));
    else if (sy == 1 && sx == 0) for (int64_t i = 0; i < n; i++) y[i] = *x;
    else if (sy == 1) for (int64_t i = 0; i < n; i++) y[i] = x[i * sx];
    else for (int64_t i = 0; i < n; i++) y[i * sy] = x[i * sx];
}

static void add_line(int64_t n, const float *x, int64_t sx, float *y, int64_t sy) {
    if (sx == 1 && sy == 1) ck_kernels->add_into(n, x, y);
    else for (int64_t i = 0; i < n; i++) y[i * sy] += x[i * sx];
}

// Here `b` of the walk is the output.
static void copy_part(void *context, int64_t part) {
    strided_job *j = context;
    const walk *w = &j->w;
    int last = w->rank - 1;
    int64_t n = w->shape[last], from = part % j->inner_parts * j->inner_a_part, count = ck_least(j->inner_a_part, n - from);
    int64_t row = part / j->inner_parts * j->outer_a_part, end = ck_least(j->outer, row + j->outer_a_part);
    for (; row < end; row++) {
        int64_t at_x, at_y;
        place(w, row, &at_x, &at_y);
        const float *x = j->a + at_x + from * w->a[last];
        float *y = j->y + at_y + from * w->b[last];
        if (j->adds) add_line(count, x, w->a[last], y, w->b[last]);
        else copy_line(count, x, w->a[last], y, w->b[last]);
    }
}

void ck_copy(int rank, const int64_t *shape, const float *x, const int64_t *x_strides, float *y, const int64_t *y_strides) {
    strided_job job = {.w = collapse(rank, shape, x_strides, y_strides), .a = x, .y = y};
    plan(&job);
    ck_parallel(parts_of(&job), &job, copy_part);
}

// The output may repeat (stride 0), so this runs in one thread: sums come in one order.
void ck_add_strided(int rank, const int64_t *shape, const float *x, const int64_t *x_strides, float *y, const int64_t *y_strides) {
    strided_job job = {.w = collapse(rank, shape, x_strides, y_strides), .a = x, .y = y, .adds = true};
    plan(&job);
    for (int64_t part = 0; part < parts_of(&job); part++) copy_part(&job, part);
}
