// The function table that each instruction set fills: one thread, one range of work each.
// A plain Swift reference fills the same table in the tests.
#ifndef CK_TABLE_H
#define CK_TABLE_H

#include "CKernels.h"

enum { CK_MOST_TILE_ROWS = 16 };

// One panel of a product: `columns` outputs (at most two vectors wide) of many rows.
// Row r of a is read at a[r][offsets[s] + k] for each segment s and k in 0 ..< length; row k of b (counted over all
// segments) lies at b + k · b_step and is readable up to whole vectors. `bias` is as long as `columns`.
typedef struct {
    int64_t segments, length;
    const int64_t *offsets;
    const float *b, *bias;
    int64_t b_step, columns;
    bool accumulate, relu;
} ck_panel;

// One panel of a sum of outer products over places: c[r] = Σ a[place][r] · b[place][0 ..< columns].
typedef struct {
    int64_t blocks, lines, length;
    int64_t a_block, a_line, a_step, b_block, b_line, b_step, c_step, columns;
    const float *b;
    bool accumulate;
} ck_outer;

// c[i][j] = a[i] · b[j] over n numbers each.
typedef struct {
    int64_t rows, columns, n, a_step, b_step, c_step;
    const float *a, *b, *bias;
    float *c;
    bool accumulate, relu;
} ck_dots;

typedef struct {
    int64_t panel;          // columns of a full panel: two vectors
    int64_t tile_rows;      // at most CK_MOST_TILE_ROWS
    void (*row_panel)(const ck_panel *t, int64_t rows, const float *const *a, float *const *out);
    void (*outer_panel)(const ck_outer *t, int64_t rows, const float *a, float *c);
    void (*dots)(const ck_dots *t);
    void (*row_times_matrix)(int64_t n, int64_t k, const float *a, const float *b, int64_t b_step, float *c);
    void (*transpose)(int64_t rows, int64_t columns, const float *from, int64_t from_step, float *to, int64_t to_step);
    void (*map)(int op, int64_t n, const float *x, float *y, float p, float q);
    void (*map_gradient)(int op, int64_t n, const float *x, const float *y, const float *g, float *dx, float p, float q);
    void (*zip)(int op, int64_t n, const float *a, int64_t a_stride, const float *b, int64_t b_stride, float *y);
    void (*select)(int64_t n, const float *condition, const float *a, const float *b, float *y);
    void (*add_into)(int64_t n, const float *x, float *y);
    // One row [n] to a number, and one block [n, inner] to [inner].
    float (*reduce_row)(int op, int64_t n, const float *x);
    void (*reduce_columns)(int op, int64_t n, int64_t inner, const float *x, float *y);
    double (*sum_of_squares)(int64_t n, const float *x);
    void (*softmax)(int64_t n, const float *x, float *y, bool logarithm);
    void (*softmax_gradient)(int64_t n, const float *y, const float *g, float *dx, bool logarithm);
    // Mean and sum of squared deviations of each column.
    void (*moments)(int64_t rows, int64_t channels, const float *x, float *mean, float *deviations);
    void (*normalize)(int64_t rows, int64_t channels, const float *x, const float *scale, const float *shift, float *y);
    // sums[c] += Σ g, products[c] += Σ g·(x − mean)·inverse, over the rows.
    void (*batch_norm_sums)(int64_t rows, int64_t channels, const float *x, const float *g, const float *mean,
                            const float *inverse, float *sums, float *products);
    void (*batch_norm_gradient)(int64_t rows, int64_t channels, const float *x, const float *g, const float *scale,
                                const float *slope, const float *shift, float *dx);
    void (*layer_norm)(int64_t n, float epsilon, const float *x, const float *weight, const float *bias, float *y,
                       float *mean, float *inverse);
    void (*layer_norm_gradient)(int64_t n, const float *x, float mean, float inverse, const float *weight, const float *g,
                                float *dx, float *dweight, float *dbias);
    void (*dropout)(int64_t n, uint64_t seed, uint64_t counter, int64_t first, float p, const float *x, float *y);
    void (*sgd)(const ck_sgd *s, int64_t n, const float *g, float *velocity, float *p);
    void (*adam)(const ck_adam *s, int64_t n, const float *g, float *m, float *v, float *p);
    void (*spread)(int64_t n, const float *x, ck_spread *spread);
    // place[i] = ⌊(x[i] − first) / width⌋, from 0 to `last`; 0 for NaN.
    void (*bins)(int64_t n, const float *x, double first, double width, int32_t last, int32_t *place);
} ck_table;

const ck_table *ck_table_for(int path);             // null where this processor lacks it
// Makes this thread, and the parts of the loops that it starts, use a table of its own; null goes back to the chosen one.
void ck_override_table(const ck_table *table);

extern const ck_table *ck_chosen_table;
extern _Thread_local const ck_table *ck_thread_table;
static inline const ck_table *ck_current_table(void) { return ck_thread_table ? ck_thread_table : ck_chosen_table; }

#endif
