// Convolutions without im2col: images are copied, padded, into a scratch that stays in the cache; then a tap of the
// kernel is an offset, neighbouring taps are one segment, and forward and input gradient are the row tile of matrix
// products over pointers to pixels. The weight gradient is the outer tile. Source of the idea: Dukhan,
// "The Indirect Convolution Algorithm" (2019). Any kernel, stride, padding, dilation and groups.
//
// With stride s, input pixels fall into s × s classes that meet different taps; the input gradient is one stride-1
// convolution of the output's gradient for each class.
#include "parts.h"

#include <stdlib.h>
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

static int64_t out_pixels(const ck_conv *c) { return c->out_height * c->out_width; }
static bool x_is_nhwc(const ck_conv *c) {
    return c->x_strides[3] == 1 && c->x_strides[2] == c->in_channels && c->x_strides[1] == c->width * c->in_channels;
}
static bool needs_scratch(const ck_conv *c) { return c->pad_h > 0 || c->pad_w > 0 || !x_is_nhwc(c); }

static float *take(int64_t floats, size_t *granted) { return ck_buffer_take((size_t)floats * sizeof(float), granted); }

// Copies rows of one image, zeros around it.
static void pad_image(const conv_job *j, int64_t n, float *to) {
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

static conv_job plan(const ck_conv *c) {
    conv_job j = {.c = c, .group_in = c->in_channels / c->groups, .group_out = c->out_channels / c->groups,
                  .taps = c->kernel_h * c->kernel_w};
    j.x_height = (c->out_height - 1) * c->stride_h + (c->kernel_h - 1) * c->dilation_h + 1;
    j.x_width = (c->out_width - 1) * c->stride_w + (c->kernel_w - 1) * c->dilation_w + 1;
    if (!needs_scratch(c)) { j.x_height = c->height; j.x_width = c->width; }
    j.block = ck_least(c->batch, ck_divide_up(BLOCK_PIXELS, ck_most(1, out_pixels(c))));
    return j;
}

// Joins taps whose data lie one after another.
static void merge(tap_list *l, int64_t length, bool joins) {
    int64_t run = 1;
    if (joins)
        while (run < l->taps && l->offsets[run] == l->offsets[0] + run * length) run += 1;
    l->segments = l->taps / ck_most(1, run);
    l->length = run * length;
    for (int64_t s = 0; s < l->segments; s++) l->offsets[s] = l->offsets[s * run];
}

static void forward_taps(const conv_job *j, tap_list *l) {
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

static void forward_part(void *context, int64_t part) {
    const conv_job *j = context;
    const ck_conv *c = j->c;
    const int64_t first = part * j->block, images = ck_least(j->block, c->batch - first), pixels = out_pixels(c);
    const int64_t image = j->x_height * j->x_width * c->in_channels, width = ck_kernels->panel, depth = j->taps * j->group_in;
    const bool copies = needs_scratch(c);
    size_t granted = 0, granted_rows;
    float *scratch = copies ? take(images * image, &granted) : NULL;
    const float **rows = (const float **)take(4 * images * pixels, &granted_rows);
    float **outs = (float **)(rows + images * pixels);
    const float **row = rows;
    float **out = outs;
    for (int64_t n = 0; n < images; n++) {
        if (copies) pad_image(j, first + n, scratch + n * image);
        const float *base = copies ? scratch + n * image : j->x + (first + n) * c->x_strides[0];
        float *to = j->out + (first + n) * pixels * c->out_channels;
        for (int64_t y = 0; y < c->out_height; y++)
            for (int64_t x = 0; x < c->out_width; x++, to += c->out_channels) {
                *row++ = base + (y * c->stride_h * j->x_width + x * c->stride_w) * c->in_channels;
                *out++ = to;
            }
    }
    const float *packed = j->packed;
    for (int64_t group = 0; group < c->groups; group++) {
        for (int64_t o = 0; o < j->group_out; o += width, packed += depth * width) {
            const ck_panel panel = {
                .segments = j->lists->segments, .length = j->lists->length, .offsets = j->lists->offsets, .b = packed, .b_step = width,
                .bias = j->bias ? j->bias + group * j->group_out + o : NULL, .columns = ck_least(width, j->group_out - o), .relu = j->relu};
            ck_kernels->row_panel(&panel, images * pixels, rows, outs);
            for (int64_t i = 0; i < images * pixels; i++) outs[i] += panel.columns;
        }
        for (int64_t i = 0; i < images * pixels; i++) rows[i] += j->group_in;
    }
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

// Backward.

static int64_t floor_divide(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

// The taps that input pixels (first_y + i·stride, first_x + j·stride) meet, as offsets from output pixel (i, j), ascending.
static void class_taps(conv_job *j, tap_list *l) {
    const ck_conv *c = j->c;
    l->taps = 0;
    for (int64_t ky = c->kernel_h - 1; ky >= 0; ky--) {
        const int64_t at_y = l->first_y + c->pad_h - ky * c->dilation_h, y = floor_divide(at_y, c->stride_h);
        if (y * c->stride_h != at_y) continue;
        for (int64_t kx = c->kernel_w - 1; kx >= 0; kx--) {
            const int64_t at_x = l->first_x + c->pad_w - kx * c->dilation_w, x = floor_divide(at_x, c->stride_w);
            if (x * c->stride_w != at_x) continue;
            l->order[l->taps] = ky * c->kernel_w + kx;
            l->offsets[l->taps] = (y * j->g_width + x) * c->out_channels;
            l->taps += 1;
        }
    }
    merge(l, j->group_out, c->groups == 1);
}

// How far taps reach beyond the gradient's edges.
static void gradient_margins(conv_job *j) {
    const ck_conv *c = j->c;
    const int64_t span_h = (c->kernel_h - 1) * c->dilation_h, span_w = (c->kernel_w - 1) * c->dilation_w;
    j->g_low_y = ck_most(0, -floor_divide(c->pad_h - span_h, c->stride_h));
    j->g_low_x = ck_most(0, -floor_divide(c->pad_w - span_w, c->stride_w));
    j->g_height = j->g_low_y + ck_most(c->out_height, floor_divide(c->height - 1 + c->pad_h, c->stride_h) + 1);
    j->g_width = j->g_low_x + ck_most(c->out_width, floor_divide(c->width - 1 + c->pad_w, c->stride_w) + 1);
}

// For each class, group and panel of inputs: [taps · out/groups][panel].
static void pack_backward(const conv_job *j, const tap_list *l, float *packed) {
    const int64_t width = ck_kernels->panel, depth = l->taps * j->group_out;
    for (int64_t group = 0; group < j->c->groups; group++)
        for (int64_t first = 0; first < j->group_in; first += width, packed += depth * width) {
            const int64_t columns = ck_least(width, j->group_in - first);
            if (columns < width) memset(packed, 0, (size_t)(depth * width) * sizeof(float));
            for (int64_t o = 0; o < j->group_out; o++) {
                const float *w = j->w + ((group * j->group_out + o) * j->group_in + first) * j->taps;
                for (int64_t i = 0; i < columns; i++)
                    for (int64_t t = 0; t < l->taps; t++)
                        packed[(t * j->group_out + o) * width + i] = w[i * j->taps + l->order[t]];
            }
        }
}

// The gradient of one image, zero where ReLU cut the output, with margins; sums over pixels are added to `sums`.
static void pad_gradient(const conv_job *j, int64_t n, float *to, float *sums) {
    const ck_conv *c = j->c;
    const int64_t channels = c->out_channels, line = c->out_width * channels, padded = j->g_width * channels;
    const int64_t low = j->g_low_x * channels, high = padded - low - line;
    memset(to, 0, (size_t)(j->g_low_y * padded) * sizeof(float));
    to += j->g_low_y * padded;
    for (int64_t y = 0; y < c->out_height; y++, to += padded) {
        const int64_t at = (n * c->out_height + y) * line;
        memset(to, 0, (size_t)low * sizeof(float));
        if (j->y) ck_kernels->map_gradient(CK_RELU, line, j->y + at, j->y + at, j->g + at, to + low, 0, 0);
        else memcpy(to + low, j->g + at, (size_t)line * sizeof(float));
        memset(to + low + line, 0, (size_t)high * sizeof(float));
        if (sums) for (int64_t x = 0; x < c->out_width; x++) ck_kernels->add_into(channels, to + low + x * channels, sums);
    }
    memset(to, 0, (size_t)((j->g_height - j->g_low_y - c->out_height) * padded) * sizeof(float));
}

static void weight_gradient(const conv_job *j, int64_t images, const float *x, int64_t image, const float *g, int64_t gradient,
                            bool accumulate, float *dw) {
    const ck_conv *c = j->c;
    const int64_t width = ck_kernels->panel, channels = c->out_channels;
    const float *inside = g + (j->g_low_y * j->g_width + j->g_low_x) * channels;
    for (int64_t group = 0; group < c->groups; group++)
        for (int64_t o = 0; o < j->group_out; o += width) {
            const int64_t column = group * j->group_out + o;
            ck_outer panel = {
                .blocks = images, .lines = c->out_height, .length = c->out_width, .a_block = image,
                .a_line = c->stride_h * j->x_width * c->in_channels, .a_step = c->stride_w * c->in_channels, .b_block = gradient,
                .b_line = j->g_width * channels, .b_step = channels, .c_step = channels, .b = inside + column,
                .columns = ck_least(width, j->group_out - o), .accumulate = accumulate};
            for (int64_t s = 0; s < j->lists->segments; s++)
                ck_kernels->outer_panel(&panel, j->lists->length, x + group * j->group_in + j->lists->offsets[s],
                                        dw + s * j->lists->length * channels + column);
        }
}

static void input_gradient(const conv_job *j, const tap_list *l, int64_t first, int64_t images, const float *g, int64_t gradient,
                           const float **rows, float **outs) {
    const ck_conv *c = j->c;
    const int64_t width = ck_kernels->panel, count = images * l->rows * l->columns, depth = l->taps * j->group_out;
    const float **row = rows;
    float **out = outs;
    for (int64_t n = 0; n < images; n++)
        for (int64_t y = 0; y < l->rows; y++)
            for (int64_t x = 0; x < l->columns; x++) {
                *row++ = g + n * gradient + ((y + j->g_low_y) * j->g_width + x + j->g_low_x) * c->out_channels;
                *out++ = j->dx + (((first + n) * c->height + l->first_y + y * c->stride_h) * c->width + l->first_x + x * c->stride_w) * c->in_channels;
            }
    const float *packed = j->packed + l->packed_at;
    for (int64_t group = 0; group < c->groups; group++) {
        for (int64_t i = 0; i < j->group_in; i += width, packed += depth * width) {
            const ck_panel panel = {.segments = l->segments, .length = l->length, .offsets = l->offsets, .b = packed, .b_step = width,
                                    .columns = ck_least(width, j->group_in - i)};
            ck_kernels->row_panel(&panel, count, rows, outs);
            for (int64_t p = 0; p < count; p++) outs[p] += panel.columns;
        }
        for (int64_t p = 0; p < count; p++) rows[p] += j->group_out;
    }
}

static void backward_chunk(void *context, int64_t chunk) {
    const conv_job *j = context;
    const ck_conv *c = j->c;
    const int64_t image = j->x_height * j->x_width * c->in_channels, gradient = j->g_height * j->g_width * c->out_channels;
    const int64_t start = chunk * j->images_a_chunk, end = ck_least(c->batch, start + j->images_a_chunk);
    const bool copies = needs_scratch(c) && j->dw;
    float *dw = j->dw ? j->dw + chunk * j->taps * j->group_in * c->out_channels : NULL;
    float *dbias = j->dbias ? j->dbias + chunk * c->out_channels : NULL;
    size_t granted_x = 0, granted_g, granted_rows;
    float *x = copies ? take(j->block * image, &granted_x) : NULL, *g = take(j->block * gradient, &granted_g);
    const float **rows = (const float **)take(4 * j->block * c->height * c->width, &granted_rows);
    if (dbias) memset(dbias, 0, (size_t)c->out_channels * sizeof(float));
    for (int64_t first = start; first < end; first += j->block) {
        const int64_t images = ck_least(j->block, end - first);
        for (int64_t n = 0; n < images; n++) pad_gradient(j, first + n, g + n * gradient, dbias);
        if (dw) {
            for (int64_t n = 0; copies && n < images; n++) pad_image(j, first + n, x + n * image);
            const float *from = copies ? x : j->x + first * c->x_strides[0];
            weight_gradient(j, images, from, copies ? image : c->x_strides[0], g, gradient, first > start, dw);
        }
        for (int64_t l = 1; j->dx && l < j->list_count; l++)
            input_gradient(j, j->lists + l, first, images, g, gradient, rows, (float **)(rows + j->block * c->height * c->width));
    }
    ck_buffer_give((float *)rows, granted_rows);
    ck_buffer_give(g, granted_g);
    if (copies) ck_buffer_give(x, granted_x);
}

// Adds up the chunks in order and puts the weights' gradient into the files' layout.
static void collect(const conv_job *j, int64_t chunks, float *dw, float *dbias) {
    const ck_conv *c = j->c;
    const int64_t weights = j->taps * j->group_in * c->out_channels;
    for (int64_t chunk = 1; chunk < chunks; chunk++) {
        if (dw) ck_add_into(weights, j->dw + chunk * weights, j->dw);
        if (dbias) ck_kernels->add_into(c->out_channels, j->dbias + chunk * c->out_channels, j->dbias);
    }
    if (dbias) memcpy(dbias, j->dbias, (size_t)c->out_channels * sizeof(float));
    if (!dw) return;
    for (int64_t o = 0; o < c->out_channels; o++)
        for (int64_t i = 0; i < j->group_in; i++)
            for (int64_t t = 0; t < j->taps; t++)
                dw[(o * j->group_in + i) * j->taps + t] = j->dw[(t * j->group_in + i) * c->out_channels + o];
}

// Lists 1… are the classes of input pixels; list 0 is the forward direction, which the weight gradient follows.
static int64_t plan_classes(conv_job *j, int64_t *numbers) {
    const ck_conv *c = j->c;
    const int64_t width = ck_kernels->panel, panels = ck_divide_up(j->group_in, width) * c->groups;
    int64_t packed = 0;
    for (int64_t l = 1; l < j->list_count; l++) {
        tap_list *list = j->lists + l;
        list->offsets = numbers + 2 * l * j->taps;
        list->order = list->offsets + j->taps;
        list->first_y = (l - 1) / c->stride_w;
        list->first_x = (l - 1) % c->stride_w;
        list->rows = ck_divide_up(ck_most(0, c->height - list->first_y), c->stride_h);
        list->columns = ck_divide_up(ck_most(0, c->width - list->first_x), c->stride_w);
        class_taps(j, list);
        list->packed_at = packed;
        packed += list->taps * j->group_out * width * panels;
    }
    return packed;
}

void ck_conv_backward(const ck_conv *c, const float *x, const float *w, const float *y, const float *g,
                      float *dx, float *dw, float *dbias) {
    conv_job job = plan(c);
    const int64_t weights = job.taps * job.group_in * c->out_channels;
    // Few enough chunks that their sums stay small, enough for a handful of threads; a constant of the problem.
    const int64_t wanted = weights > 1 << 15 ? 4 : 8;
    job.images_a_chunk = ck_divide_up(ck_divide_up(c->batch, wanted), job.block) * job.block;
    const int64_t chunks = ck_divide_up(c->batch, job.images_a_chunk);
    job.x = x; job.w = w; job.y = y; job.g = g; job.dx = dx;
    job.list_count = 1 + (dx ? c->stride_h * c->stride_w : 0);
    size_t granted_lists, granted_sums, granted_packed = 0;
    int64_t *numbers = (int64_t *)take(4 * job.taps * job.list_count + 2 * job.list_count * (int64_t)sizeof(tap_list) / 4, &granted_lists);
    job.lists = (tap_list *)(numbers + 2 * job.taps * job.list_count);
    job.lists[0].offsets = numbers;
    job.lists[0].order = numbers + job.taps;
    forward_taps(&job, job.lists);
    float *packed = NULL;
    if (dx) {
        gradient_margins(&job);
        packed = take(plan_classes(&job, numbers), &granted_packed);
        for (int64_t l = 1; l < job.list_count; l++) pack_backward(&job, job.lists + l, packed + job.lists[l].packed_at);
    } else {
        job.g_height = c->out_height;
        job.g_width = c->out_width;
    }
    float *sums = take(chunks * (weights + c->out_channels), &granted_sums);
    job.packed = packed;
    job.dw = dw ? sums : NULL;
    job.dbias = dbias ? sums + chunks * weights : NULL;
    ck_parallel(chunks, &job, backward_chunk);
    collect(&job, chunks, dw, dbias);
    ck_buffer_give(sums, granted_sums);
    if (packed) ck_buffer_give(packed, granted_packed);
    ck_buffer_give((float *)numbers, granted_lists);
}
