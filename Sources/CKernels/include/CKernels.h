// Float32 kernels of the trainer. Sizes are in elements, images are NHWC, matrices are row-major.
// Drivers here split work into parts that never depend on the thread count, so results are
// bitwise equal for any number of threads.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ck_runtime.h"

#define CK_MAX_RANK 8

enum {
    CK_NEG, CK_EXP, CK_LOG, CK_SQRT, CK_ABS, CK_TANH, CK_SIGMOID, CK_RELU, CK_GELU, CK_GELU_TANH,
    CK_RECIPROCAL, CK_SQUARE, CK_POW, CK_AFFINE, CK_CLAMP, CK_SIGN, CK_SOFTPLUS, CK_SIN, CK_COS, CK_LEAKY_RELU,
};
enum { CK_ADD, CK_SUB, CK_MUL, CK_DIV, CK_POWER, CK_MAX, CK_MIN, CK_EQUAL, CK_LESS, CK_LESS_EQUAL };
enum { CK_SUM, CK_REDUCE_MAX, CK_REDUCE_MIN, CK_ARGMAX, CK_ARGMIN };

// Elementwise. `p` and `q` are the op's constants: exponent, scale and shift, or bounds.
void ck_map(int op, int64_t n, const float *x, float *y, float p, float q);
// dx = g · f'(x), where y = f(x) is given so that it need not be computed again.
void ck_map_gradient(int op, int64_t n, const float *x, const float *y, const float *g, float *dx, float p, float q);
// y = a op b over `rank` dimensions; a stride of 0 repeats. The output is dense in the order of the dimensions.
void ck_zip(int op, int rank, const int64_t *shape, const float *a, const int64_t *a_strides,
            const float *b, const int64_t *b_strides, float *y);
void ck_select(int64_t n, const float *condition, const float *a, const float *b, float *y);
void ck_fill(int64_t n, float value, float *y);
void ck_add_into(int64_t n, const float *x, float *y);                 // y += x
void ck_copy(int rank, const int64_t *shape, const float *x, const int64_t *x_strides, float *y, const int64_t *y_strides);

// Reductions over the middle of [outer, n, inner].
void ck_reduce(int op, int64_t outer, int64_t n, int64_t inner, const float *x, float *y);
double ck_sum_of_squares(int64_t n, const float *x);

// c = op(a)·op(b) (+ c if `accumulate`) (+ bias for each column) (then ReLU). Transposes refer to how a and b are stored.
void ck_gemm(bool a_transposed, bool b_transposed, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
             const float *b, int64_t ldb, float *c, int64_t ldc, bool accumulate, const float *bias, bool relu);
void ck_gemm_batch(int64_t count, bool a_transposed, bool b_transposed, int64_t m, int64_t n, int64_t k,
                   const float *a, int64_t a_step, const float *b, int64_t b_step, float *c, int64_t c_step);

typedef struct {
    int64_t batch, height, width, in_channels, out_channels, out_height, out_width;
    int64_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w, groups;
    int64_t x_strides[4];       // of x, in the order batch, height, width, channel
} ck_conv;
// x may lie in any order, w is [out, in / groups, kernel_h, kernel_w] as files hold it, y, g and dx are NHWC.
void ck_conv_forward(const ck_conv *c, const float *x, const float *w, const float *bias, bool relu, float *y);
// The same in two steps, so that packed weights can be kept until they change. Packings with equal numbers are alike.
int64_t ck_conv_packing(const ck_conv *c);
int64_t ck_conv_packed_count(const ck_conv *c);
void ck_conv_pack(const ck_conv *c, const float *w, float *packed);
void ck_conv_forward_packed(const ck_conv *c, const float *x, const float *packed, const float *bias, bool relu, float *y);
// `y` masks the gradient where the output was cut by ReLU; null without one. Null results are not computed.
void ck_conv_backward(const ck_conv *c, const float *x, const float *w, const float *y, const float *g,
                      float *dx, float *dw, float *dbias);

typedef struct {
    int64_t batch, height, width, channels, out_height, out_width;
    int64_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w;
} ck_pool;
void ck_max_pool(const ck_pool *p, const float *x, float *y, int32_t *winners);
void ck_max_pool_gradient(const ck_pool *p, const float *g, const int32_t *winners, float *dx);
void ck_adaptive_average(const ck_pool *p, const float *x, float *y);
void ck_adaptive_average_gradient(const ck_pool *p, const float *g, float *dx);

void ck_softmax(int64_t rows, int64_t n, const float *x, float *y, bool logarithm);
void ck_softmax_gradient(int64_t rows, int64_t n, const float *y, const float *g, float *dx, bool logarithm);
// losses[r] = cross-entropy of row r against its label (smoothed); `softmax` is kept for the gradient.
// A label equal to `ignored` costs nothing. Returns −1, or the first row whose label is out of range.
int64_t ck_cross_entropy(int64_t rows, int64_t classes, const float *x, const float *labels, float smoothing,
                         int64_t ignored, float *losses, float *softmax);
void ck_cross_entropy_gradient(int64_t rows, int64_t classes, const float *softmax, const float *labels, float smoothing,
                               int64_t ignored, const float *g, int64_t g_stride, float scale, float *dx);

// Batch norm over [rows, channels]; `mean` and `inverse` (1/σ) are kept for the gradient.
void ck_moments(int64_t rows, int64_t channels, const float *x, float *mean, float *variance);
void ck_normalize(int64_t rows, int64_t channels, const float *x, const float *mean, const float *inverse,
                  const float *weight, const float *bias, float *y);
void ck_batch_norm_gradient(int64_t rows, int64_t channels, const float *x, const float *mean, const float *inverse,
                            const float *weight, const float *g, bool batch_statistics, float *dx, float *dweight, float *dbias);
void ck_layer_norm(int64_t rows, int64_t n, float epsilon, const float *x, const float *weight, const float *bias,
                   float *y, float *mean, float *inverse);
void ck_layer_norm_gradient(int64_t rows, int64_t n, const float *x, const float *mean, const float *inverse,
                            const float *weight, const float *g, float *dx, float *dweight, float *dbias);

// Self-attention over joint = [batch, time, 3 · heads · size] (queries, keys, values). `weights` [batch, heads, time, time]
// are kept for the gradient. `causal`: a place sees itself and earlier ones.
typedef struct { int64_t batch, heads, time, size; bool causal; } ck_attention;
void ck_attention_forward(const ck_attention *a, const float *joint, float *out, float *weights);
void ck_attention_backward(const ck_attention *a, const float *joint, const float *weights, const float *g, float *djoint);

// Rows of a table by index (held as whole floats). Returns −1, or the place of the first index out of range.
int64_t ck_gather_rows(int64_t count, int64_t rows, int64_t width, const float *table, const float *index, float *y);
void ck_scatter_rows(int64_t count, int64_t rows, int64_t width, const float *index, const float *g, float *dtable);

// y = x / (1 − p) where element i of stream (seed, counter) survives, else 0. The same call on gradients is the gradient.
void ck_dropout(int64_t n, uint64_t seed, uint64_t counter, float p, const float *x, float *y);
uint64_t ck_random_bits(uint64_t seed, uint64_t counter);
// mean + std · normally distributed numbers, each pair from two counters in turn.
void ck_normals(uint64_t seed, uint64_t counter, int64_t count, float mean, float std, float *out);

typedef struct { float learning_rate, momentum, dampening, weight_decay; bool nesterov, first; } ck_sgd;
void ck_update_sgd(const ck_sgd *s, int64_t n, const float *g, float *velocity, float *p);
typedef struct {
    float learning_rate, beta1, beta2, epsilon, weight_decay; bool decoupled;
    float correction1, correction2;     // 1 − β₁ᵗ and 1 − β₂ᵗ
} ck_adam;
void ck_update_adam(const ck_adam *s, int64_t n, const float *g, float *m, float *v, float *p);
// The same with the gradient column · row, [rows, columns], which is not written out. Bitwise equal to writing it first.
typedef struct { int64_t rows, columns; const float *column, *row; } ck_outer_product;
void ck_update_sgd_by_product(const ck_sgd *s, const ck_outer_product *g, float *velocity, float *p);
void ck_update_adam_by_product(const ck_adam *s, const ck_outer_product *g, float *m, float *v, float *p);

// Distributions. Extremes and sum are those of the finite numbers (+∞, −∞ and 0 without any).
typedef struct { double low, high, sum; int64_t nan; } ck_spread;
ck_spread ck_find_spread(int64_t n, const float *x);
// counts[⌊(x − first) / width⌋] += 1 for each number that is not NaN; what lies outside falls into the outermost bins.
void ck_count_bins(int64_t n, const float *x, double first, double width, int64_t bins, uint64_t *counts);

#endif
