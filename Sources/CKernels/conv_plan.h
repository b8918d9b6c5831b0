// What both directions of a convolution share: its sizes, padded images, lists of taps.
#ifndef CK_CONV_PLAN_H
#define CK_CONV_PLAN_H

#include "parts.h"

#include <string.h>

enum { BLOCK_PIXELS = 192, MOST_TAPS = 1024 };

// Taps of equal length that lie one after another in the scratch. `order` lists them as the weights are packed.
typedef struct {
    int64_t taps, segments, length, packed_at;          // packed_at: where its weights start in the packed buffer
    int64_t *offsets, *order;
    int64_t first_y, first_x, rows, columns;            // the class of input pixels; unused in the forward direction
} tap_list;

typedef struct {
    const ck_conv *c;
    int64_t group_in, group_out, taps;
    int64_t x_height, x_width;                          // padded image
    int64_t g_height, g_width, g_low_y, g_low_x;        // padded gradient
    int64_t block, images_a_chunk;                      // images at once; images that share one sum of weight gradients
    const float *x, *w, *bias, *y, *g;
    const float *packed;
    float *out, *dx, *dw, *dbias;
    tap_list *lists;
    int64_t list_count;
    bool relu;
} conv_job;

static inline int64_t out_pixels(const ck_conv *c) { return c->out_height * c->out_width; }
static inline bool x_is_nhwc(const ck_conv *c) {
    return c->x_strides[3] == 1 && c->x_strides[2] == c->in_channels && c->x_strides[1] == c->width * c->in_channels;
}
static inline bool needs_scratch(const ck_conv *c) { return c->pad_h > 0 || c->pad_w > 0 || !x_is_nhwc(c); }

static inline float *take(int64_t floats, size_t *granted) { return ck_buffer_take((size_t)floats * sizeof(float), granted); }

// Copies rows of one image, zeros around it.
static inline void pad_image(const conv_job *j, int64_t n, float *to) {
    const ck_conv *c = j->c;
    const int64_t channels = c->in_channels, line = j->x_width * channels;
    const float *x = j->x + n * c->x_strides[0];
    const int64_t from_x = c->pad_w, width = ck_least(c->width, j->x_width - from_x);
    for (int64_t row = 0; row < j->x_height; row++, to += line) {
        const int64_t y = row - c->pad_h;
        if (y < 0 || y >= c->height || width <= 0) { memset(to, 0, (size_t)line * sizeof(float)); continue; }
        memset(to, 0, (size_t)(from_x * channels) * sizeof(float));
        float *inside = to + from_x * channels;
        const float *from = x + y * c->x_strides[1];
        if (c->x_strides[3] == 1 && c->x_strides[2] == channels) {
            memcpy(inside, from, (size_t)(width * channels) * sizeof(float));
        } else {
            for (int64_t k = 0; k < channels; k++) {
                const float *plane = from + k * c->x_strides[3];
                for (int64_t i = 0; i < width; i++) inside[i * channels + k] = plane[i * c->x_strides[2]];
            }
        }
        memset(inside + width * channels, 0, (size_t)((j->x_width - from_x - width) * channels) * sizeof(float));
    }
}

static inline conv_job plan(const ck_conv *c) {
    conv_job j = {.c = c, .group_in = c->in_channels / c->groups, .group_out = c->out_channels / c->groups,
                  .taps = c->kernel_h * c->kernel_w};
    j.x_height = (c->out_height - 1) * c->stride_h + (c->kernel_h - 1) * c->dilation_h + 1;
    j.x_width = (c->out_width - 1) * c->stride_w + (c->kernel_w - 1) * c->dilation_w + 1;
    if (!needs_scratch(c)) { j.x_height = c->height; j.x_width = c->width; }
    j.block = ck_least(c->batch, ck_divide_up(BLOCK_PIXELS, ck_most(1, out_pixels(c))));
    return j;
}

// Joins taps whose data lie one after another.
static inline void merge(tap_list *l, int64_t length, bool joins) {
    int64_t run = 1;
    if (joins)
        while (run < l->taps && l->offsets[run] == l->offsets[0] + run * length) run += 1;
    l->segments = l->taps / ck_most(1, run);
    l->length = run * length;
    for (int64_t s = 0; s < l->segments; s++) l->offsets[s] = l->offsets[s * run];
}

static inline void forward_taps(const conv_job *j, tap_list *l) {
    const ck_conv *c = j->c;
    l->taps = j->taps;
    for (int64_t ky = 0; ky < c->kernel_h; ky++)
        for (int64_t kx = 0; kx < c->kernel_w; kx++) {
            const int64_t tap = ky * c->kernel_w + kx;
            l->offsets[tap] = (ky * c->dilation_h * j->x_width + kx * c->dilation_w) * c->in_channels;
            l->order[tap] = tap;
        }
    merge(l, j->group_in, c->groups == 1);
}

#endif
