// Optimizer updates. A gradient is given as numbers, or as a column times a row: such a product, which a layer leaves behind
// for a single example, is made part by part in the first-level cache and never written to memory.
#include "parts.h"

enum { BLOCK = 1024 };

typedef struct {
    const ck_sgd *sgd;
    const ck_adam *adam;
    int64_t n, columns, rows_a_part;
    const float *g, *column, *row;
    float *m, *v, *p;
} update_job;

static void update(const update_job *j, int64_t first, int64_t n, const float *g) {
    if (j->sgd) ck_kernels->sgd(j->sgd, n, g, j->v ? j->v + first : NULL, j->p + first);
    else ck_kernels->adam(j->adam, n, g, j->m + first, j->v + first, j->p + first);
}

static void update_part(void *context, int64_t part) {
    const update_job *j = context;
    const int64_t first = part * CK_PART;
    update(j, first, ck_least(CK_PART, j->n - first), j->g + first);
}

static void update_rows(void *context, int64_t part) {
    const update_job *j = context;
    const int64_t end = ck_least(j->n, (part + 1) * j->rows_a_part);
    float g[BLOCK];
    for (int64_t r = part * j->rows_a_part; r < end; r++)
        for (int64_t c = 0; c < j->columns; c += BLOCK) {
            const int64_t n = ck_least(BLOCK, j->columns - c);
            ck_kernels->zip(CK_MUL, n, j->row + c, 1, j->column + r, 0, g);
            update(j, r * j->columns + c, n, g);
        }
}

static void run_rows(update_job *j, const ck_outer_product *g) {
    j->n = g->rows;
    j->columns = g->columns;
    j->rows_a_part = ck_rows_a_part(g->columns);
    j->column = g->column;
    j->row = g->row;
    ck_parallel(ck_divide_up(j->n, j->rows_a_part), j, update_rows);
}

void ck_update_sgd(const ck_sgd *s, int64_t n, const float *g, float *velocity, float *p) {
    update_job job = {.sgd = s, .n = n, .g = g, .v = velocity, .p = p};
    ck_parallel(ck_divide_up(n, CK_PART), &job, update_part);
}

void ck_update_sgd_by_product(const ck_sgd *s, const ck_outer_product *g, float *velocity, float *p) {
    update_job job = {.sgd = s, .v = velocity, .p = p};
    run_rows(&job, g);
}

void ck_update_adam(const ck_adam *s, int64_t n, const float *g, float *m, float *v, float *p) {
    update_job job = {.adam = s, .n = n, .g = g, .m = m, .v = v, .p = p};
    ck_parallel(ck_divide_up(n, CK_PART), &job, update_part);
}

void ck_update_adam_by_product(const ck_adam *s, const ck_outer_product *g, float *m, float *v, float *p) {
    update_job job = {.adam = s, .m = m, .v = v, .p = p};
    run_rows(&job, g);
}
