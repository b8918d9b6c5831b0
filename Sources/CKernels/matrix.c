// Matrix products. Which tile serves depends on how the factors lie in memory:
// a·b packs b into panels for the row tile, aᵀ·b sums outer products of rows as they lie, a·bᵀ with few rows takes dot
// products of rows as they lie. Each number of the result is computed in one part, so parts don't matter to it.
#include "parts.h"

#include <string.h>

enum { PART_PRODUCTS = 1 << 18, MOST_PARTS = 64, FEW_ROWS = 6 };

typedef struct {
    bool bt, accumulate, relu, packs;
    int64_t m, n, k, lda, ldb, ldc, row_step, column_step, column_parts;
    const float *a, *b, *bias;
    float *c, *packed;
} product;

// Panel j of b, [k][panel], with zeros past the last column.
static void pack_panel(void *context, int64_t j) {
    const product *p = context;
    const int64_t width = ck_kernels->panel, first = j * width, columns = ck_least(width, p->n - first);
    float *to = p->packed + first * p->k;
    if (!p->bt) {
        for (int64_t l = 0; l < p->k; l++, to += width) {
            memcpy(to, p->b + l * p->ldb + first, (size_t)columns * sizeof(float));
            memset(to + columns, 0, (size_t)(width - columns) * sizeof(float));
        }
        return;
    }
    if (columns < width) memset(to, 0, (size_t)(width * p->k) * sizeof(float));
    ck_kernels->transpose(columns, p->k, p->b + first * p->ldb, p->ldb, to, width);
}

// The part's rows and columns.
typedef struct { int64_t row, rows, column, columns; } area;
static area area_of(const product *p, int64_t part) {
    area r = {.row = part / p->column_parts * p->row_step, .column = part % p->column_parts * p->column_step};
    r.rows = ck_least(p->row_step, p->m - r.row);
    r.columns = ck_least(p->column_step, p->n - r.column);
    return r;
}

static void row_part(void *context, int64_t part) {
    const product *p = context;
    const area r = area_of(p, part);
    const int64_t width = ck_kernels->panel, none = 0;
    enum { GROUP = 48 };
    const float *rows[GROUP];
    float *outs[GROUP];
    for (int64_t i = 0; i < r.rows; i += GROUP) {
        const int64_t count = ck_least(GROUP, r.rows - i);
        for (int64_t c = r.column; c < r.column + r.columns; c += width) {
            for (int64_t l = 0; l < count; l++) {
                rows[l] = p->a + (r.row + i + l) * p->lda;
                outs[l] = p->c + (r.row + i + l) * p->ldc + c;
            }
            const ck_panel panel = {
                .segments = 1, .length = p->k, .offsets = &none, .columns = ck_least(width, p->n - c),
                .b = p->packs ? p->packed + c * p->k : p->b + c, .b_step = p->packs ? width : p->ldb,
                .bias = p->bias ? p->bias + c : NULL, .accumulate = p->accumulate, .relu = p->relu};
            ck_kernels->row_panel(&panel, count, rows, outs);
        }
    }
}

// Constant lengths become a few vector moves.
static void gather(const float *a, int64_t lda, int64_t depth, int64_t rows, float *to) {
    if (rows == 12) for (int64_t l = 0; l < depth; l++) memcpy(to + l * 12, a + l * lda, 12 * sizeof(float));
    else if (rows == 6) for (int64_t l = 0; l < depth; l++) memcpy(to + l * 6, a + l * lda, 6 * sizeof(float));
    else for (int64_t l = 0; l < depth; l++) for (int64_t t = 0; t < rows; t++) to[l * rows + t] = a[l * lda + t];
}

// Rows of both factors lie far apart, often by powers of two that share few cache sets, so tiles of a are gathered first,
// for as much depth as fits the first-level cache beside b's panel.
static void outer_part(void *context, int64_t part) {
    const product *p = context;
    const area r = area_of(p, part);
    const int64_t width = ck_kernels->panel, tile = ck_kernels->tile_rows;
    enum { DEPTH = 128 };
    float gathered[DEPTH * CK_MOST_TILE_ROWS];
    for (int64_t k = 0; k < p->k; k += DEPTH) {
        const int64_t depth = ck_least(DEPTH, p->k - k);
        for (int64_t i = r.row; i < r.row + r.rows; i += tile) {
            const int64_t rows = ck_least(tile, r.row + r.rows - i);
            gather(p->a + k * p->lda + i, p->lda, depth, rows, gathered);
            for (int64_t c = r.column; c < r.column + r.columns; c += width) {
                const ck_outer panel = {
                    .blocks = 1, .lines = 1, .length = depth, .a_step = rows, .b_step = p->packs ? width : p->ldb,
                    .b = p->packs ? p->packed + c * p->k + k * width : p->b + k * p->ldb + c,
                    .c_step = p->ldc, .columns = ck_least(width, p->n - c), .accumulate = p->accumulate || k > 0};
                ck_kernels->outer_panel(&panel, rows, gathered, p->c + i * p->ldc + c);
            }
        }
    }
}

static void dots_part(void *context, int64_t part) {
    const product *p = context;
    const area r = area_of(p, part);
    const ck_dots dots = {
        .rows = r.rows, .columns = r.columns, .n = p->k, .a_step = p->lda, .b_step = p->ldb, .c_step = p->ldc,
        .a = p->a + r.row * p->lda, .b = p->b + r.column * p->ldb, .bias = p->bias ? p->bias + r.column : NULL,
        .c = p->c + r.row * p->ldc + r.column, .accumulate = p->accumulate, .relu = p->relu};
    ck_kernels->dots(&dots);
}

static void single_row_part(void *context, int64_t part) {
    const product *p = context;
    const area r = area_of(p, part);
    ck_kernels->row_times_matrix(r.columns, p->k, p->a, p->b + r.column, p->ldb, p->c + r.column);
}

// One column times one row: whole rows of the result in turn, which memory likes better than panels.
static void single_product_part(void *context, int64_t part) {
    const product *p = context;
    const area r = area_of(p, part);
    for (int64_t i = r.row; i < r.row + r.rows; i++)
        ck_kernels->zip(CK_MUL, p->n, p->b, 1, p->a + i * p->lda, 0, p->c + i * p->ldc);
}

// Cuts the longer side of the result into about equal parts of whole tiles.
static int64_t cut(product *p, int64_t row_unit, int64_t column_unit) {
    const double products = (double)p->m * (double)p->n * (double)p->k;
    int64_t parts = products >= (double)PART_PRODUCTS * MOST_PARTS ? MOST_PARTS : (int64_t)(products / PART_PRODUCTS);
    parts = ck_most(1, parts);
    const int64_t row_tiles = ck_divide_up(p->m, row_unit), column_tiles = ck_divide_up(p->n, column_unit);
    const int64_t row_parts = row_tiles >= column_tiles ? ck_least(parts, row_tiles) : 1;
    const int64_t column_parts = row_tiles >= column_tiles ? 1 : ck_least(parts, column_tiles);
    p->row_step = ck_divide_up(row_tiles, row_parts) * row_unit;
    p->column_step = ck_divide_up(column_tiles, column_parts) * column_unit;
    p->column_parts = ck_divide_up(p->n, p->column_step);
    return ck_divide_up(p->m, p->row_step) * p->column_parts;
}

static void finish_rows(const product *p) {
    if (!p->bias && !p->relu) return;
    for (int64_t i = 0; i < p->m; i++)
        for (int64_t j = 0; j < p->n; j++) {
            float v = p->c[i * p->ldc + j] + (p->bias ? p->bias[j] : 0);
            p->c[i * p->ldc + j] = p->relu && v < 0 ? 0 : v;
        }
}

static void single_product(product *p) {
    p->row_step = ck_rows_a_part(p->n);
    p->column_step = p->n;
    p->column_parts = 1;
    ck_parallel(ck_divide_up(p->m, p->row_step), p, single_product_part);
    finish_rows(p);
}

// The general case: panels of b, packed where that pays.
static void panel_product(product *p, bool a_transposed) {
    const int64_t tile = ck_kernels->tile_rows, width = ck_kernels->panel, panels = ck_divide_up(p->n, width);
    size_t granted = 0;
    p->packs = p->bt || (p->m >= 4 * tile && p->ldb != width);
    if (p->packs) {
        p->packed = ck_buffer_take((size_t)(panels * width * p->k) * sizeof(float), &granted);
        if (p->n * p->k < CK_PART) for (int64_t j = 0; j < panels; j++) pack_panel(p, j);
        else ck_parallel(panels, p, pack_panel);
    }
    ck_parallel(cut(p, tile, width), p, a_transposed ? outer_part : row_part);
    if (a_transposed) finish_rows(p);
    if (p->packs) ck_buffer_give(p->packed, granted);
}

void ck_gemm(bool a_transposed, bool b_transposed, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
             const float *b, int64_t ldb, float *c, int64_t ldc, bool accumulate, const float *bias, bool relu) {
    product p = {.bt = b_transposed, .accumulate = accumulate, .relu = relu, .m = m, .n = n, .k = k, .lda = lda, .ldb = ldb,
                 .ldc = ldc, .a = a, .b = b, .bias = bias, .c = c};
    if (m == 0 || n == 0) return;
    if (!a_transposed && b_transposed && m <= FEW_ROWS) {
        ck_parallel(cut(&p, m <= 4 ? m : 6, 4), &p, dots_part);
    } else if (k == 1 && !b_transposed && !accumulate) {
        if (a_transposed) p.lda = 1;
        single_product(&p);
    } else if (!a_transposed && m == 1 && !accumulate) {
        ck_parallel(cut(&p, 1, 4 * ck_kernels->panel), &p, single_row_part);
        finish_rows(&p);
    } else {
        panel_product(&p, a_transposed);
    }
}

typedef struct {
    bool at, bt;
    int64_t count, m, n, k, a_step, b_step, c_step, step;
    const float *a, *b;
    float *c;
} batch;

static void batch_part(void *context, int64_t part) {
    const batch *j = context;
    for (int64_t i = part * j->step; i < ck_least(j->count, (part + 1) * j->step); i++)
        ck_gemm(j->at, j->bt, j->m, j->n, j->k, j->a + i * j->a_step, j->at ? j->m : j->k, j->b + i * j->b_step,
                j->bt ? j->k : j->n, j->c + i * j->c_step, j->n, false, NULL, false);
}

void ck_gemm_batch(int64_t count, bool a_transposed, bool b_transposed, int64_t m, int64_t n, int64_t k,
                   const float *a, int64_t a_step, const float *b, int64_t b_step, float *c, int64_t c_step) {
    const double products = (double)m * (double)n * (double)k;
    batch j = {.at = a_transposed, .bt = b_transposed, .count = count, .m = m, .n = n, .k = k, .a_step = a_step, .b_step = b_step,
               .c_step = c_step, .a = a, .b = b, .c = c, .step = ck_most(1, (int64_t)(PART_PRODUCTS / ck_most(1, (int64_t)products)))};
    // Large ones are cut inside; small ones are parts of a whole.
    if (products > PART_PRODUCTS * 8.0 || count == 1) for (int64_t i = 0; i < ck_divide_up(count, j.step); i++) batch_part(&j, i);
    else ck_parallel(ck_divide_up(count, j.step), &j, batch_part);
}
