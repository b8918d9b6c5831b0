// Drivers of reductions, softmax, cross-entropy and the norms.
#include "parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONG_ROW = 65536, MOST_CHUNKS = 64 };

// Work space of a call comes from the buffer cache, so that steady steps allocate nothing.
typedef struct { float *floats; size_t granted; } space;
static space take(int64_t floats) {
    space s;
    s.floats = ck_buffer_take((size_t)floats * sizeof(float), &s.granted);
    return s;
}
static void give(space s) { ck_buffer_give(s.floats, s.granted); }

typedef struct {
    int op;
    int64_t outer, n, inner, step;
    const float *x;
    float *y;
} reduce_job;

static void reduce_rows_part(void *context, int64_t part) {
    reduce_job *j = context;
    int64_t end = ck_least(j->outer, (part + 1) * j->step);
    for (int64_t row = part * j->step; row < end; row++) j->y[row] = ck_kernels->reduce_row(j->op, j->n, j->x + row * j->n);
}

static void reduce_columns_part(void *context, int64_t part) {
    reduce_job *j = context;
    int64_t end = ck_least(j->outer, (part + 1) * j->step);
    for (int64_t o = part * j->step; o < end; o++)
        ck_kernels->reduce_columns(j->op, j->n, j->inner, j->x + o * j->n * j->inner, j->y + o * j->inner);
}

static void reduce_chunk(void *context, int64_t part) {
    reduce_job *j = context;
    int64_t first = part * j->step, n = ck_least(j->step, j->n - first);
    if (j->inner == 1) j->y[part] = ck_kernels->reduce_row(j->op, n, j->x + first);
    else ck_kernels->reduce_columns(j->op, n, j->inner, j->x + first * j->inner, j->y + part * j->inner);
}

// One block with many rows: chunks of fixed length, then the chunks' results in order.
static void reduce_in_chunks(int op, int64_t n, int64_t inner, const float *x, float *y) {
    int64_t step = ck_most(ck_rows_a_part(inner), ck_divide_up(n, MOST_CHUNKS)), chunks = ck_divide_up(n, step);
    space partial = take(chunks * inner);
    reduce_job job = {.op = op, .n = n, .inner = inner, .step = step, .x = x, .y = partial.floats};
    ck_parallel(chunks, &job, reduce_chunk);
    ck_kernels->reduce_columns(op, chunks, inner, partial.floats, y);
    give(partial);
}

void ck_reduce(int op, int64_t outer, int64_t n, int64_t inner, const float *x, float *y) {
    bool splits = op == CK_SUM || op == CK_REDUCE_MAX || op == CK_REDUCE_MIN;
    if (splits && n * inner >= LONG_ROW && n > 1 && outer < MOST_CHUNKS) {
        for (int64_t o = 0; o < outer; o++) reduce_in_chunks(op, n, inner, x + o * n * inner, y + o * inner);
        return;
    }
    reduce_job job = {.op = op, .outer = outer, .n = n, .inner = inner, .step = ck_rows_a_part(n * inner), .x = x, .y = y};
    ck_parallel(ck_divide_up(outer, job.step), &job, inner == 1 ? reduce_rows_part : reduce_columns_part);
}

typedef struct { int64_t n; const float *x; double sums[MOST_CHUNKS]; int64_t step; } squares_job;

static void squares_part(void *context, int64_t part) {
    squares_job *j = context;
    int64_t first = part * j->step;
    j->sums[part] = ck_kernels->sum_of_squares(ck_least(j->step, j->n - first), j->x + first);
}

double ck_sum_of_squares(int64_t n, const float *x) {
    if (n <= CK_PART) return ck_kernels->sum_of_squares(n, x);
    squares_job job = {.n = n, .x = x, .step = ck_most(CK_PART, ck_divide_up(n, MOST_CHUNKS))};
    int64_t chunks = ck_divide_up(n, job.step);
    ck_parallel(chunks, &job, squares_part);
    double sum = 0;
    for (int64_t i = 0; i < chunks; i++) sum += job.sums[i];
    return sum;
}

typedef struct { int64_t rows, n, step; const float *x, *g; float *y; bool logarithm; } softmax_job;

static void softmax_part(void *context, int64_t part) {
    softmax_job *j = context;
    int64_t end = ck_least(j->rows, (part + 1) * j->step);
    for (int64_t r = part * j->step; r < end; r++) {
        if (j->g) ck_kernels->softmax_gradient(j->n, j->x + r * j->n, j->g + r * j->n, j->y + r * j->n, j->logarithm);
        else ck_kernels->softmax(j->n, j->x + r * j->n, j->y + r * j->n, j->logarithm);
    }
}

void ck_softmax(int64_t rows, int64_t n, const float *x, float *y, bool logarithm) {
    softmax_job job = {.rows = rows, .n = n, .step = ck_rows_a_part(4 * n), .x = x, .y = y, .logarithm = logarithm};
    ck_parallel(ck_divide_up(rows, job.step), &job, softmax_part);
}

void ck_softmax_gradient(int64_t rows, int64_t n, const float *y, const float *g, float *dx, bool logarithm) {
    softmax_job job = {.rows = rows, .n = n, .step = ck_rows_a_part(2 * n), .x = y, .g = g, .y = dx, .logarithm = logarithm};
    ck_parallel(ck_divide_up(rows, job.step), &job, softmax_part);
}

int64_t ck_cross_entropy(int64_t rows, int64_t classes, const float *x, const float *labels, float smoothing,
                         int64_t ignored, float *losses, float *softmax) {
    for (int64_t r = 0; r < rows; r++)
        if (!((labels[r] >= 0 && labels[r] < (float)classes) || labels[r] == (float)ignored)) return r;
    ck_softmax(rows, classes, x, softmax, false);
    for (int64_t r = 0; r < rows; r++) {
        const float *row = x + r * classes;
        if (labels[r] == (float)ignored) { losses[r] = 0; continue; }
        // log Σ exp(x − max) again from the logits: log(softmax) would lose small probabilities.
        float top = ck_kernels->reduce_row(CK_REDUCE_MAX, classes, row);
        int64_t label = (int64_t)labels[r];
        float log_sum, best = softmax[r * classes];
        for (int64_t c = 1; c < classes; c++) best = softmax[r * classes + c] > best ? softmax[r * classes + c] : best;
        log_sum = top - logf(best);                                     // softmax of the greatest logit is 1 / Σ exp
        float loss = (1 - smoothing) * (log_sum - row[label]);
        if (smoothing > 0)
            loss += smoothing * (log_sum - ck_kernels->reduce_row(CK_SUM, classes, row) / (float)classes);
        losses[r] = loss;
    }
    return -1;
}

void ck_cross_entropy_gradient(int64_t rows, int64_t classes, const float *softmax, const float *labels, float smoothing,
                               int64_t ignored, const float *g, int64_t g_stride, float scale, float *dx) {
    float uniform = smoothing / (float)classes;
    for (int64_t r = 0; r < rows; r++) {
        float d = labels[r] == (float)ignored ? 0 : g[r * g_stride] * scale;
        const float *s = softmax + r * classes;
        float *out = dx + r * classes;
        for (int64_t c = 0; c < classes; c++) out[c] = d * (s[c] - uniform);
        if (labels[r] != (float)ignored) out[(int64_t)labels[r]] -= d * (1 - smoothing);
    }
}

typedef struct {
    int64_t rows, channels, step;
    const float *x, *g, *mean, *inverse, *scale, *slope, *shift;
    float *out, *partial;
} norm_job;

static int64_t norm_step(int64_t rows, int64_t channels) {
    return ck_most(ck_rows_a_part(channels), ck_divide_up(rows, MOST_CHUNKS));
}

static void moments_part(void *context, int64_t part) {
    norm_job *j = context;
    int64_t first = part * j->step, rows = ck_least(j->step, j->rows - first);
    float *mean = j->partial + part * 2 * j->channels;
    ck_kernels->moments(rows, j->channels, j->x + first * j->channels, mean, mean + j->channels);
}

// Source: Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979).
void ck_moments(int64_t rows, int64_t channels, const float *x, float *mean, float *variance) {
    int64_t step = norm_step(rows, channels), chunks = ck_divide_up(rows, step);
    space partial = take(chunks * 2 * channels);
    norm_job job = {.rows = rows, .channels = channels, .step = step, .x = x, .partial = partial.floats};
    ck_parallel(chunks, &job, moments_part);
    for (int64_t c = 0; c < channels; c++) {
        double total = 0, m = 0, deviations = 0;
        for (int64_t i = 0; i < chunks; i++) {
            double count = (double)ck_least(step, rows - i * step), next = total + count;
            const float *p = partial.floats + i * 2 * channels;
            double delta = (double)p[c] - m;
            m += delta * count / next;
            deviations += (double)p[channels + c] + delta * delta * total * count / next;
            total = next;
        }
        mean[c] = (float)m;
        variance[c] = (float)(deviations / (double)rows);
    }
    give(partial);
}

static void normalize_part(void *context, int64_t part) {
    norm_job *j = context;
    int64_t first = part * j->step, rows = ck_least(j->step, j->rows - first);
    ck_kernels->normalize(rows, j->channels, j->x + first * j->channels, j->scale, j->shift, j->out + first * j->channels);
}

void ck_normalize(int64_t rows, int64_t channels, const float *x, const float *mean, const float *inverse,
                  const float *weight, const float *bias, float *y) {
    space work = take(2 * channels);
    float *scale = work.floats, *shift = work.floats + channels;
    for (int64_t c = 0; c < channels; c++) {
        scale[c] = inverse[c] * (weight ? weight[c] : 1);
        shift[c] = (bias ? bias[c] : 0) - mean[c] * scale[c];
    }
    norm_job job = {.rows = rows, .channels = channels, .step = norm_step(rows, channels), .x = x, .scale = scale, .shift = shift, .out = y};
    ck_parallel(ck_divide_up(rows, job.step), &job, normalize_part);
    give(work);
}

static void batch_norm_sums_part(void *context, int64_t part) {
    norm_job *j = context;
    int64_t first = part * j->step, rows = ck_least(j->step, j->rows - first);
    float *sums = j->partial + part * 2 * j->channels;
    memset(sums, 0, (size_t)(2 * j->channels) * sizeof(float));
    ck_kernels->batch_norm_sums(rows, j->channels, j->x + first * j->channels, j->g + first * j->channels,
                                j->mean, j->inverse, sums, sums + j->channels);
}

static void batch_norm_gradient_part(void *context, int64_t part) {
    norm_job *j = context;
    int64_t first = part * j->step, rows = ck_least(j->step, j->rows - first);
    ck_kernels->batch_norm_gradient(rows, j->channels, j->x + first * j->channels, j->g + first * j->channels,
                                    j->scale, j->slope, j->shift, j->out + first * j->channels);
}

void ck_batch_norm_gradient(int64_t rows, int64_t channels, const float *x, const float *mean, const float *inverse,
                            const float *weight, const float *g, bool batch_statistics, float *dx, float *dweight, float *dbias) {
    int64_t step = norm_step(rows, channels), chunks = ck_divide_up(rows, step);
    space work = take((chunks + 3) * 2 * channels);
    float *scale = work.floats, *slope = scale + channels, *shift = slope + channels, *sums = shift + channels;
    float *products = sums + channels, *partial = products + channels;
    norm_job job = {.rows = rows, .channels = channels, .step = step, .x = x, .g = g, .mean = mean, .inverse = inverse,
                    .scale = scale, .slope = slope, .shift = shift, .out = dx, .partial = partial};
    ck_parallel(chunks, &job, batch_norm_sums_part);
    for (int64_t c = 0; c < channels; c++) {
        double a = 0, b = 0;
        for (int64_t i = 0; i < chunks; i++) { a += partial[i * 2 * channels + c]; b += partial[(i * 2 + 1) * channels + c]; }
        sums[c] = (float)a;
        products[c] = (float)b;
        // dx = w/σ · (g − Σg/n − x̂·Σ(g·x̂)/n), written as one line through x.
        scale[c] = inverse[c] * (weight ? weight[c] : 1);
        slope[c] = batch_statistics ? -scale[c] * inverse[c] * products[c] / (float)rows : 0;
        shift[c] = batch_statistics ? -scale[c] * sums[c] / (float)rows - slope[c] * mean[c] : 0;
    }
    if (dweight) memcpy(dweight, products, (size_t)channels * sizeof(float));
    if (dbias) memcpy(dbias, sums, (size_t)channels * sizeof(float));
    if (dx) ck_parallel(chunks, &job, batch_norm_gradient_part);
    give(work);
}

typedef struct {
    int64_t rows, n, step;
    float epsilon;
    const float *x, *weight, *bias, *g, *known_mean, *known_inverse;
    float *y, *mean, *inverse, *dweight, *dbias;
} layer_norm_job;

static void layer_norm_part(void *context, int64_t part) {
    layer_norm_job *j = context;
    int64_t end = ck_least(j->rows, (part + 1) * j->step);
    for (int64_t r = part * j->step; r < end; r++)
        ck_kernels->layer_norm(j->n, j->epsilon, j->x + r * j->n, j->weight, j->bias, j->y + r * j->n, j->mean + r, j->inverse + r);
}

void ck_layer_norm(int64_t rows, int64_t n, float epsilon, const float *x, const float *weight, const float *bias,
                   float *y, float *mean, float *inverse) {
    layer_norm_job job = {.rows = rows, .n = n, .step = ck_rows_a_part(n), .epsilon = epsilon, .x = x, .weight = weight,
                          .bias = bias, .y = y, .mean = mean, .inverse = inverse};
    ck_parallel(ck_divide_up(rows, job.step), &job, layer_norm_part);
}

static void layer_norm_gradient_part(void *context, int64_t part) {
    layer_norm_job *j = context;
    int64_t end = ck_least(j->rows, (part + 1) * j->step);
    float *dweight = j->dweight ? j->dweight + part * j->n : NULL, *dbias = j->dbias ? j->dbias + part * j->n : NULL;
    if (dweight) memset(dweight, 0, (size_t)j->n * sizeof(float));
    if (dbias) memset(dbias, 0, (size_t)j->n * sizeof(float));
    for (int64_t r = part * j->step; r < end; r++)
        ck_kernels->layer_norm_gradient(j->n, j->x + r * j->n, j->known_mean[r], j->known_inverse[r], j->weight, j->g + r * j->n,
                                        j->y ? j->y + r * j->n : NULL, dweight, dbias);
}

void ck_layer_norm_gradient(int64_t rows, int64_t n, const float *x, const float *mean, const float *inverse,
                            const float *weight, const float *g, float *dx, float *dweight, float *dbias) {
    int64_t step = ck_most(ck_rows_a_part(n), ck_divide_up(rows, MOST_CHUNKS)), chunks = ck_divide_up(rows, step);
    space partial = take(2 * chunks * n);
    layer_norm_job job = {.rows = rows, .n = n, .step = step, .x = x, .weight = weight, .g = g, .known_mean = mean,
                          .known_inverse = inverse, .y = dx, .dweight = dweight ? partial.floats : NULL,
                          .dbias = dbias ? partial.floats + chunks * n : NULL};
    ck_parallel(chunks, &job, layer_norm_gradient_part);
    if (dweight) ck_kernels->reduce_columns(CK_SUM, chunks, n, partial.floats, dweight);
    if (dbias) ck_kernels->reduce_columns(CK_SUM, chunks, n, partial.floats + chunks * n, dbias);
    give(partial);
}
