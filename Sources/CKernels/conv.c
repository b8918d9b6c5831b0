// Convolutions without im2col: images are copied, padded, into a scratch that stays in the cache; then a tap of the
// kernel is an offset, neighbouring taps are one segment, and forward and input gradient are the row tile of matrix
// products over pointers to pixels. The weight gradient is the outer tile. Source of the idea: Dukhan,
// "The Indirect Convolution Algorithm" (2019). Any kernel, stride, padding, dilation and groups.
#include "conv_plan.h"

// [out, in/groups, kh, kw] → for each group and panel of outputs [taps · in/groups][panel].
static void pack_forward(const conv_job *j, float *packed) {
    const int64_t width = ck_kernels->panel, depth = j->taps * j->group_in;
    for (int64_t group = 0; group < j->c->groups; group++)
        for (int64_t first = 0; first < j->group_out; first += width, packed += depth * width) {
            const int64_t columns = ck_least(width, j->group_out - first);
            if (columns < width) memset(packed, 0, (size_t)(depth * width) * sizeof(float));
            for (int64_t o = 0; o < columns; o++) {
                const float *w = j->w + (group * j->group_out + first + o) * depth;
                for (int64_t i = 0; i < j->group_in; i++)
                    for (int64_t t = 0; t < j->taps; t++) packed[(t * j->group_in + i) * width + o] = w[i * j->taps + t];
            }
        }
}

// Where each output pixel's first tap and its results lie.
static void list_pixels(const conv_job *j, const float *x, float *to, const float **rows, float **outs) {
    const ck_conv *c = j->c;
    for (int64_t y = 0; y < c->out_height; y++)
        for (int64_t column = 0; column < c->out_width; column++, to += c->out_channels) {
            *rows++ = x + (y * c->stride_h * j->x_width + column * c->stride_w) * c->in_channels;
            *outs++ = to;
        }
}

static void forward_panels(const conv_job *j, int64_t pixels, const float **rows, float **outs) {
    const int64_t width = ck_kernels->panel, depth = j->taps * j->group_in;
    const float *packed = j->packed;
    for (int64_t group = 0; group < j->c->groups; group++) {
        for (int64_t o = 0; o < j->group_out; o += width, packed += depth * width) {
            const ck_panel panel = {
                .segments = j->lists->segments, .length = j->lists->length, .offsets = j->lists->offsets, .b = packed, .b_step = width,
                .bias = j->bias ? j->bias + group * j->group_out + o : NULL, .columns = ck_least(width, j->group_out - o), .relu = j->relu};
            ck_kernels->row_panel(&panel, pixels, rows, outs);
            for (int64_t i = 0; i < pixels; i++) outs[i] += panel.columns;
        }
        for (int64_t i = 0; i < pixels; i++) rows[i] += j->group_in;
    }
}

static void forward_part(void *context, int64_t part) {
    const conv_job *j = context;
    const ck_conv *c = j->c;
    const int64_t first = part * j->block, images = ck_least(j->block, c->batch - first), pixels = out_pixels(c);
    const int64_t image = j->x_height * j->x_width * c->in_channels;
    const bool copies = needs_scratch(c);
    size_t granted = 0, granted_rows;
    float *scratch = copies ? take(images * image, &granted) : NULL;
    const float **rows = (const float **)take(4 * images * pixels, &granted_rows);
    float **outs = (float **)(rows + images * pixels);
    for (int64_t n = 0; n < images; n++) {
        if (copies) pad_image(j, first + n, scratch + n * image);
        const float *x = copies ? scratch + n * image : j->x + (first + n) * c->x_strides[0];
        list_pixels(j, x, j->out + (first + n) * pixels * c->out_channels, rows + n * pixels, outs + n * pixels);
    }
    forward_panels(j, images * pixels, rows, outs);
    ck_buffer_give((float *)rows, granted_rows);
    if (copies) ck_buffer_give(scratch, granted);
}

int64_t ck_conv_packed_count(const ck_conv *c) {
    const int64_t width = ck_kernels->panel, panels = ck_divide_up(c->out_channels / c->groups, width) * c->groups;
    return panels * width * c->kernel_h * c->kernel_w * (c->in_channels / c->groups);
}

int64_t ck_conv_packing(const ck_conv *c) { return ck_kernels->panel * 65536 + c->groups; }

void ck_conv_pack(const ck_conv *c, const float *w, float *packed) {
    conv_job job = plan(c);
    job.w = w;
    pack_forward(&job, packed);
}

void ck_conv_forward_packed(const ck_conv *c, const float *x, const float *packed, const float *bias, bool relu, float *y) {
    conv_job job = plan(c);
    if (c->batch == 0 || out_pixels(c) == 0) return;
    int64_t offsets[MOST_TAPS], order[MOST_TAPS];
    tap_list list = {.offsets = offsets, .order = order};
    job.x = x; job.bias = bias; job.relu = relu; job.out = y; job.lists = &list; job.packed = packed;
    forward_taps(&job, &list);
    ck_parallel(ck_divide_up(c->batch, job.block), &job, forward_part);
}

void ck_conv_forward(const ck_conv *c, const float *x, const float *w, const float *bias, bool relu, float *y) {
    size_t granted;
    float *packed = take(ck_conv_packed_count(c), &granted);
    ck_conv_pack(c, w, packed);
    ck_conv_forward_packed(c, x, packed, bias, relu, y);
    ck_buffer_give(packed, granted);
}
