// Gradients of convolutions. With stride s, input pixels fall into s × s classes that meet different taps; the input
// gradient is one stride-1 convolution of the output's gradient for each class. The weight gradient is the outer tile of
// matrix products, summed over images in chunks that depend on the problem only.
#include "conv_plan.h"

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
                const int64_t line = (first + n) * c->height + l->first_y + y * c->stride_h;
                *out++ = j->dx + (line * c->width + l->first_x + x * c->stride_w) * c->in_channels;
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

// Adds a block of images to a chunk's weight gradient, through `scratch` where images must be copied.
static void block_weight_gradient(const conv_job *j, int64_t first, int64_t images, float *scratch, int64_t image, const float *g,
                                  int64_t gradient, bool accumulate, float *dw) {
    const int64_t step = j->c->x_strides[0];
    for (int64_t n = 0; scratch && n < images; n++) pad_image(j, first + n, scratch + n * image);
    weight_gradient(j, images, scratch ? scratch : j->x + first * step, scratch ? image : step, g, gradient, accumulate, dw);
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
        if (dw) block_weight_gradient(j, first, images, x, image, g, gradient, first > start, dw);
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

// Work space of a backward pass: lists of taps, repacked weights, the chunks' sums.
typedef struct { size_t lists, sums, packed; int64_t *numbers; float *chunk_sums, *packed_weights; } backward_space;

static void plan_lists(conv_job *j, backward_space *s) {
    j->list_count = 1 + (j->dx ? j->c->stride_h * j->c->stride_w : 0);
    s->numbers = (int64_t *)take(4 * j->taps * j->list_count + 2 * j->list_count * (int64_t)sizeof(tap_list) / 4, &s->lists);
    j->lists = (tap_list *)(s->numbers + 2 * j->taps * j->list_count);
    j->lists[0].offsets = s->numbers;
    j->lists[0].order = s->numbers + j->taps;
    forward_taps(j, j->lists);
}

// Sizes of the gradient's image, and the weights in the order of the input gradient's taps.
static void plan_gradient(conv_job *j, backward_space *s) {
    if (!j->dx) {
        j->g_height = j->c->out_height;
        j->g_width = j->c->out_width;
        return;
    }
    gradient_margins(j);
    s->packed_weights = take(plan_classes(j, s->numbers), &s->packed);
    for (int64_t l = 1; l < j->list_count; l++) pack_backward(j, j->lists + l, s->packed_weights + j->lists[l].packed_at);
    j->packed = s->packed_weights;
}

void ck_conv_backward(const ck_conv *c, const float *x, const float *w, const float *y, const float *g,
                      float *dx, float *dw, float *dbias) {
    conv_job job = plan(c);
    backward_space space = {0};
    const int64_t weights = job.taps * job.group_in * c->out_channels;
    // Few enough chunks that their sums stay small, enough for a handful of threads; a constant of the problem.
    const int64_t wanted = weights > 1 << 15 ? 4 : 8;
    job.images_a_chunk = ck_divide_up(ck_divide_up(c->batch, wanted), job.block) * job.block;
    const int64_t chunks = ck_divide_up(c->batch, job.images_a_chunk);
    job.x = x; job.w = w; job.y = y; job.g = g; job.dx = dx;
    plan_lists(&job, &space);
    plan_gradient(&job, &space);
    space.chunk_sums = take(chunks * (weights + c->out_channels), &space.sums);
    job.dw = dw ? space.chunk_sums : NULL;
    job.dbias = dbias ? space.chunk_sums + chunks * weights : NULL;
    ck_parallel(chunks, &job, backward_chunk);
    collect(&job, chunks, dw, dbias);
    ck_buffer_give(space.chunk_sums, space.sums);
    if (space.packed_weights) ck_buffer_give(space.packed_weights, space.packed);
    ck_buffer_give((float *)space.numbers, space.lists);
}
