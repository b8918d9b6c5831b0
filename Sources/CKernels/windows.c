// Pooling: the largest or the mean of each window of an image.
#include "parts.h"

#include <math.h>
#include <string.h>

typedef struct { const ck_pool *p; const float *x; float *y; int32_t *winners; const int32_t *known; } pool_job;

static void max_pool_part(void *context, int64_t n) {
    pool_job *j = context;
    const ck_pool *p = j->p;
    const int64_t c = p->channels, row = p->width * c;
    const float *x = j->x + n * p->height * row;
    for (int64_t oy = 0; oy < p->out_height; oy++)
        for (int64_t ox = 0; ox < p->out_width; ox++) {
            int64_t out = ((n * p->out_height + oy) * p->out_width + ox) * c;
            float *y = j->y + out;
            int32_t *w = j->winners + out;
            for (int64_t i = 0; i < c; i++) { y[i] = -INFINITY; w[i] = -1; }
            for (int64_t ky = 0; ky < p->kernel_h; ky++)
                for (int64_t kx = 0; kx < p->kernel_w; kx++) {
                    int64_t iy = oy * p->stride_h - p->pad_h + ky, ix = ox * p->stride_w - p->pad_w + kx;
                    if (iy < 0 || iy >= p->height || ix < 0 || ix >= p->width) continue;
                    const float *from = x + iy * row + ix * c;
                    int32_t place = (int32_t)(iy * p->width + ix);
                    for (int64_t i = 0; i < c; i++) {
                        bool wins = from[i] > y[i] || from[i] != from[i] || w[i] < 0;
                        w[i] = wins ? place : w[i];
                        y[i] = wins ? from[i] : y[i];
                    }
                }
        }
}

void ck_max_pool(const ck_pool *p, const float *x, float *y, int32_t *winners) {
    pool_job job = {.p = p, .x = x, .y = y, .winners = winners};
    ck_parallel(p->batch, &job, max_pool_part);
}

static void max_pool_gradient_part(void *context, int64_t n) {
    pool_job *j = context;
    const ck_pool *p = j->p;
    const int64_t c = p->channels, outs = p->out_height * p->out_width;
    float *dx = j->y + n * p->height * p->width * c;
    memset(dx, 0, (size_t)(p->height * p->width * c) * sizeof(float));
    for (int64_t o = 0; o < outs; o++)
        for (int64_t i = 0; i < c; i++) {
            int64_t at = (n * outs + o) * c + i;
            dx[j->known[at] * c + i] += j->x[at];
        }
}

void ck_max_pool_gradient(const ck_pool *p, const float *g, const int32_t *winners, float *dx) {
    pool_job job = {.p = p, .x = g, .y = dx, .known = winners};
    ck_parallel(p->batch, &job, max_pool_gradient_part);
}

// Window o of `outs` over `ins` covers ⌊o·ins/outs⌋ ..< ⌈(o+1)·ins/outs⌉.
static int64_t window_start(int64_t o, int64_t ins, int64_t outs) { return o * ins / outs; }
static int64_t window_end(int64_t o, int64_t ins, int64_t outs) { return ck_divide_up((o + 1) * ins, outs); }

static void adaptive_part(void *context, int64_t n) {
    pool_job *j = context;
    const ck_pool *p = j->p;
    const int64_t c = p->channels, row = p->width * c;
    for (int64_t oy = 0; oy < p->out_height; oy++)
        for (int64_t ox = 0; ox < p->out_width; ox++) {
            int64_t y0 = window_start(oy, p->height, p->out_height), y1 = window_end(oy, p->height, p->out_height);
            int64_t x0 = window_start(ox, p->width, p->out_width), x1 = window_end(ox, p->width, p->out_width);
            float *y = j->y + ((n * p->out_height + oy) * p->out_width + ox) * c;
            const float *x = j->x + n * p->height * row;
            memset(y, 0, (size_t)c * sizeof(float));
            for (int64_t iy = y0; iy < y1; iy++)
                for (int64_t ix = x0; ix < x1; ix++) ck_kernels->add_into(c, x + iy * row + ix * c, y);
            float scale = 1 / (float)((y1 - y0) * (x1 - x0));
            for (int64_t i = 0; i < c; i++) y[i] *= scale;
        }
}

void ck_adaptive_average(const ck_pool *p, const float *x, float *y) {
    pool_job job = {.p = p, .x = x, .y = y};
    ck_parallel(p->batch, &job, adaptive_part);
}

static void adaptive_gradient_part(void *context, int64_t n) {
    pool_job *j = context;
    const ck_pool *p = j->p;
    const int64_t c = p->channels, row = p->width * c;
    float *dx = j->y + n * p->height * row;
    memset(dx, 0, (size_t)(p->height * row) * sizeof(float));
    for (int64_t oy = 0; oy < p->out_height; oy++)
        for (int64_t ox = 0; ox < p->out_width; ox++) {
            int64_t y0 = window_start(oy, p->height, p->out_height), y1 = window_end(oy, p->height, p->out_height);
            int64_t x0 = window_start(ox, p->width, p->out_width), x1 = window_end(ox, p->width, p->out_width);
            const float *g = j->x + ((n * p->out_height + oy) * p->out_width + ox) * c;
            float scale = 1 / (float)((y1 - y0) * (x1 - x0));
            for (int64_t iy = y0; iy < y1; iy++)
                for (int64_t ix = x0; ix < x1; ix++) {
                    float *to = dx + iy * row + ix * c;
                    for (int64_t i = 0; i < c; i++) to[i] += g[i] * scale;
                }
        }
}

void ck_adaptive_average_gradient(const ck_pool *p, const float *g, float *dx) {
    pool_job job = {.p = p, .x = g, .y = dx};
    ck_parallel(p->batch, &job, adaptive_gradient_part);
}
