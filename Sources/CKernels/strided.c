// Loops over up to eight strided dimensions: broadcasting, copies between layouts.
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

// A part is the numbers `from` ..< `from` + `count` of the rows `row` ..< `end`.
typedef struct { int64_t row, end, from, count; } area;

static area area_of(const strided_job *j, int64_t part) {
    const int64_t n = j->w.shape[j->w.rank - 1], from = part % j->inner_parts * j->inner_a_part, row = part / j->inner_parts * j->outer_a_part;
    return (area){.row = row, .end = ck_least(j->outer, row + j->outer_a_part), .from = from, .count = ck_least(j->inner_a_part, n - from)};
}

// Where the part's numbers of a row begin in both operands.
static void line_of(const strided_job *j, int64_t row, int64_t from, int64_t *at_a, int64_t *at_b) {
    place(&j->w, row, at_a, at_b);
    *at_a += from * j->w.a[j->w.rank - 1];
    *at_b += from * j->w.b[j->w.rank - 1];
}

static void zip_part(void *context, int64_t part) {
    const strided_job *j = context;
    const area r = area_of(j, part);
    const int last = j->w.rank - 1;
    for (int64_t row = r.row; row < r.end; row++) {
        int64_t at_a, at_b;
        line_of(j, row, r.from, &at_a, &at_b);
        ck_kernels->zip(j->op, r.count, j->a + at_a, j->w.a[last], j->b + at_b, j->w.b[last], j->y + row * j->w.shape[last] + r.from);
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

// Here `b` of the walk is the output.
static void copy_part(void *context, int64_t part) {
    const strided_job *j = context;
    const area r = area_of(j, part);
    const int last = j->w.rank - 1;
    for (int64_t row = r.row; row < r.end; row++) {
        int64_t at_x, at_y;
        line_of(j, row, r.from, &at_x, &at_y);
        copy_line(r.count, j->a + at_x, j->w.a[last], j->y + at_y, j->w.b[last]);
    }
}

void ck_copy(int rank, const int64_t *shape, const float *x, const int64_t *x_strides, float *y, const int64_t *y_strides) {
    strided_job job = {.w = collapse(rank, shape, x_strides, y_strides), .a = x, .y = y};
    plan(&job);
    ck_parallel(parts_of(&job), &job, copy_part);
}
