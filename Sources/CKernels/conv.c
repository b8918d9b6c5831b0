// Convolutions.
#include "parts.h"

#include <string.h>

typedef struct {
    const ck_conv *c;
    const float *x, *packed, *bias, *y, *g;
    float *out, *dx, *dw, *dbias;
    bool relu;
} conv_job;

enum { GRADIENT_CHUNKS = 4 };

// [out, in/groups, kh, kw] → [kh, kw, in/groups, out]
static void pack(const ck_conv *c, const float *w, float *packed) {
    int64_t in = c->in_channels / c->groups, taps = c->kernel_h * c->kernel_w;
    for (int64_t o = 0; o < c->out_channels; o++)
        for (int64_t i = 0; i < in; i++)
            for (int64_t t = 0; t < taps; t++) packed[(t * in + i) * c->out_channels + o] = w[(o * in + i) * taps + t];
}

// Calls `visit` for each pair of output pixel and tap that meet inside the image.
#define EACH_TAP(c, body) \
    for (int64_t oy = 0; oy < (c)->out_height; oy++) for (int64_t ox = 0; ox < (c)->out_width; ox++) \
    for (int64_t ky = 0; ky < (c)->kernel_h; ky++) for (int64_t kx = 0; kx < (c)->kernel_w; kx++) { \
        int64_t iy = oy * (c)->stride_h - (c)->pad_h + ky * (c)->dilation_h; \
        int64_t ix = ox * (c)->stride_w - (c)->pad_w + kx * (c)->dilation_w; \
        if (iy < 0 || iy >= (c)->height || ix < 0 || ix >= (c)->width) continue; \
        int64_t in_at = ((n * (c)->height + iy) * (c)->width + ix) * (c)->in_channels; \
        int64_t out_at = ((n * (c)->out_height + oy) * (c)->out_width + ox) * (c)->out_channels; \
        int64_t tap = ky * (c)->kernel_w + kx; \
        body \
    }

static void forward_part(void *context, int64_t n) {
    const conv_job *j = context;
    const ck_conv *c = j->c;
    int64_t ig = c->in_channels / c->groups, og = c->out_channels / c->groups, outs = c->out_height * c->out_width;
    float *y = j->out + n * outs * c->out_channels;
    for (int64_t p = 0; p < outs; p++)
        for (int64_t o = 0; o < c->out_channels; o++) y[p * c->out_channels + o] = j->bias ? j->bias[o] : 0;
    EACH_TAP(c, {
        for (int64_t group = 0; group < c->groups; group++)
            for (int64_t i = 0; i < ig; i++) {
                float v = j->x[in_at + group * ig + i];
                const float *w = j->packed + (tap * ig + i) * c->out_channels + group * og;
                float *to = j->out + out_at + group * og;
                for (int64_t o = 0; o < og; o++) to[o] += v * w[o];
            }
    })
    if (j->relu) for (int64_t i = 0; i < outs * c->out_channels; i++) y[i] = y[i] < 0 ? 0 : y[i];
}

void ck_conv_forward(const ck_conv *c, const float *x, const float *w, const float *bias, bool relu, float *y) {
    size_t granted;
    float *packed = ck_buffer_take((size_t)(c->kernel_h * c->kernel_w * c->in_channels / c->groups * c->out_channels) * sizeof(float), &granted);
    pack(c, w, packed);
    conv_job job = {.c = c, .x = x, .packed = packed, .bias = bias, .relu = relu, .out = y};
    ck_parallel(c->batch, &job, forward_part);
    ck_buffer_give(packed, granted);
}

static void masked(const ck_conv *c, const conv_job *j, int64_t n, float *g) {
    int64_t size = c->out_height * c->out_width * c->out_channels;
    for (int64_t i = 0; i < size; i++) g[i] = !j->y || j->y[n * size + i] > 0 ? j->g[n * size + i] : 0;
}

static float dot(int64_t n, const float *a, const float *b) {
#pragma clang fp reassociate(on)
    float sum = 0;
    for (int64_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static void input_gradient_part(void *context, int64_t n) {
    const conv_job *j = context;
    const ck_conv *c = j->c;
    int64_t ig = c->in_channels / c->groups, og = c->out_channels / c->groups;
    size_t granted, size = (size_t)(c->out_height * c->out_width * c->out_channels);
    float *g = ck_buffer_take(size * sizeof(float), &granted);
    masked(c, j, n, g);
    memset(j->dx + n * c->height * c->width * c->in_channels, 0, (size_t)(c->height * c->width * c->in_channels) * sizeof(float));
    EACH_TAP(c, {
        for (int64_t group = 0; group < c->groups; group++)
            for (int64_t i = 0; i < ig; i++) {
                const float *from = g + (out_at - (int64_t)((size_t)n * size)) + group * og;
                const float *w = j->packed + (tap * ig + i) * c->out_channels + group * og;
                j->dx[in_at + group * ig + i] += dot(og, from, w);
            }
    })
    ck_buffer_give(g, granted);
}

static void weight_gradient_part(void *context, int64_t chunk) {
    const conv_job *j = context;
    const ck_conv *c = j->c;
    int64_t ig = c->in_channels / c->groups, og = c->out_channels / c->groups, taps = c->kernel_h * c->kernel_w;
    int64_t weights = taps * ig * c->out_channels, outs = c->out_height * c->out_width;
    size_t granted, size = (size_t)(outs * c->out_channels);
    float *g = ck_buffer_take(size * sizeof(float), &granted);
    float *dw = j->dw + chunk * weights, *dbias = j->dbias + chunk * c->out_channels;
    memset(dw, 0, (size_t)weights * sizeof(float));
    memset(dbias, 0, (size_t)c->out_channels * sizeof(float));
    int64_t step = ck_divide_up(c->batch, GRADIENT_CHUNKS);
    for (int64_t n = chunk * step; n < ck_least(c->batch, (chunk + 1) * step); n++) {
        masked(c, j, n, g);
        for (int64_t p = 0; p < outs; p++) ck_kernels->add_into(c->out_channels, g + p * c->out_channels, dbias);
        EACH_TAP(c, {
            for (int64_t group = 0; group < c->groups; group++)
                for (int64_t i = 0; i < ig; i++) {
                    float v = j->x[in_at + group * ig + i];
                    const float *from = g + (out_at - (int64_t)((size_t)n * size)) + group * og;
                    float *to = dw + (tap * ig + i) * c->out_channels + group * og;
                    for (int64_t o = 0; o < og; o++) to[o] += v * from[o];
                }
        })
    }
    ck_buffer_give(g, granted);
}

void ck_conv_backward(const ck_conv *c, const float *x, const float *w, const float *y, const float *g,
                      float *dx, float *dw, float *dbias) {
    int64_t ig = c->in_channels / c->groups, taps = c->kernel_h * c->kernel_w, weights = taps * ig * c->out_channels;
    size_t granted;
    float *work = ck_buffer_take((size_t)((1 + GRADIENT_CHUNKS) * (weights + c->out_channels)) * sizeof(float), &granted);
    float *partial = work + weights, *sums = partial + GRADIENT_CHUNKS * weights;
    conv_job job = {.c = c, .x = x, .packed = work, .y = y, .g = g, .dx = dx, .dw = partial, .dbias = sums};
    if (dx) {
        pack(c, w, work);
        ck_parallel(c->batch, &job, input_gradient_part);
    }
    if (dw || dbias) {
        ck_parallel(GRADIENT_CHUNKS, &job, weight_gradient_part);
        for (int chunk = 1; chunk < GRADIENT_CHUNKS; chunk++) {
            ck_kernels->add_into(weights, partial + chunk * weights, partial);
            ck_kernels->add_into(c->out_channels, sums + chunk * c->out_channels, sums);
        }
        if (dbias) memcpy(dbias, sums, (size_t)c->out_channels * sizeof(float));
        if (dw)
            for (int64_t o = 0; o < c->out_channels; o++)
                for (int64_t i = 0; i < ig; i++)
                    for (int64_t t = 0; t < taps; t++) dw[(o * ig + i) * taps + t] = partial[(t * ig + i) * c->out_channels + o];
    }
    ck_buffer_give(work, granted);
}
