// Scaled dot-product attention over queries, keys and values that lie side by side in one matrix: no head is ever copied
// out. Source: Vaswani et al., "Attention Is All You Need" (2017).
#include "parts.h"

#include <math.h>

typedef struct { const ck_attention *a; const float *joint, *g, *known; float *out, *djoint, *weights; } attention_job;

// Queries, keys and values of one head of one example, each row `3 · width` after the one before.
typedef struct { const float *q, *k, *v; int64_t step, at; } head;

static head head_of(const ck_attention *a, const float *joint, int64_t part) {
    const int64_t n = part / a->heads, h = part % a->heads, width = a->heads * a->size;
    const int64_t at = n * a->time * 3 * width + h * a->size;
    return (head){.q = joint + at, .k = joint + at + width, .v = joint + at + 2 * width, .step = 3 * width, .at = at};
}

static void forward_head(void *context, int64_t part) {
    const attention_job *j = context;
    const ck_attention *a = j->a;
    const head h = head_of(a, j->joint, part);
    const int64_t t = a->time, d = a->size, width = a->heads * d;
    float *scores = j->weights + part * t * t, *out = j->out + part / a->heads * t * width + part % a->heads * d;
    const float scale = 1 / sqrtf((float)d);
    ck_gemm(false, true, t, t, d, h.q, h.step, h.k, h.step, scores, t, false, NULL, false);
    size_t granted;
    float *row = ck_buffer_take((size_t)t * sizeof(float), &granted);
    for (int64_t i = 0; i < t; i++) {
        float *line = scores + i * t;
        ck_kernels->map(CK_AFFINE, t, line, row, scale, 0);
        if (a->causal) for (int64_t l = i + 1; l < t; l++) row[l] = -INFINITY;
        ck_kernels->softmax(t, row, line, false);
    }
    ck_buffer_give(row, granted);
    ck_gemm(false, false, t, d, t, scores, t, h.v, h.step, out, width, false, NULL, false);
}

void ck_attention_forward(const ck_attention *a, const float *joint, float *out, float *weights) {
    attention_job job = {.a = a, .joint = joint, .out = out, .weights = weights};
    ck_parallel(a->batch * a->heads, &job, forward_head);
}

static void backward_head(void *context, int64_t part) {
    const attention_job *j = context;
    const ck_attention *a = j->a;
    const head h = head_of(a, j->joint, part);
    const int64_t t = a->time, d = a->size, width = a->heads * d;
    const float *weights = j->known + part * t * t, *g = j->g + part / a->heads * t * width + part % a->heads * d;
    float *dq = j->djoint + h.at, *dk = dq + width, *dv = dk + width;
    const float scale = 1 / sqrtf((float)d);
    size_t granted;
    float *dweights = ck_buffer_take((size_t)(2 * t * t) * sizeof(float), &granted), *dscores = dweights + t * t;
    ck_gemm(true, false, t, d, t, weights, t, g, width, dv, h.step, false, NULL, false);
    ck_gemm(false, true, t, t, d, g, width, h.v, h.step, dweights, t, false, NULL, false);
    for (int64_t i = 0; i < t; i++) ck_kernels->softmax_gradient(t, weights + i * t, dweights + i * t, dscores + i * t, false);
    ck_kernels->map(CK_AFFINE, t * t, dscores, dweights, scale, 0);
    ck_gemm(false, false, t, d, t, dweights, t, h.k, h.step, dq, h.step, false, NULL, false);
    ck_gemm(true, false, t, d, t, dweights, t, h.q, h.step, dk, h.step, false, NULL, false);
    ck_buffer_give(dweights, granted);
}

void ck_attention_backward(const ck_attention *a, const float *joint, const float *weights, const float *g, float *djoint) {
    attention_job job = {.a = a, .joint = joint, .known = weights, .g = g, .djoint = djoint};
    ck_parallel(a->batch * a->heads, &job, backward_head);
}
