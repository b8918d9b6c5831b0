// Matrix products.
#include "parts.h"

#include <string.h>

typedef struct {
    bool at, bt, accumulate, relu;
    int64_t m, n, k, lda, ldb, ldc, step;
    const float *a, *b, *bias;
    float *c;
} product;

static void product_part(void *context, int64_t part) {
    const product *p = context;
    for (int64_t i = part * p->step; i < ck_least(p->m, (part + 1) * p->step); i++) {
        float *row = p->c + i * p->ldc;
        if (!p->accumulate) memset(row, 0, (size_t)p->n * sizeof(float));
        if (p->bt) {
            for (int64_t j = 0; j < p->n; j++) {
#pragma clang fp reassociate(on)
                float sum = 0;
                if (p->at) for (int64_t l = 0; l < p->k; l++) sum += p->a[l * p->lda + i] * p->b[j * p->ldb + l];
                else for (int64_t l = 0; l < p->k; l++) sum += p->a[i * p->lda + l] * p->b[j * p->ldb + l];
                row[j] += sum;
            }
        } else {
            for (int64_t l = 0; l < p->k; l++) {
                float x = p->at ? p->a[l * p->lda + i] : p->a[i * p->lda + l];
                const float *b = p->b + l * p->ldb;
                for (int64_t j = 0; j < p->n; j++) row[j] += x * b[j];
            }
        }
        for (int64_t j = 0; j < p->n; j++) {
            float v = row[j] + (p->bias ? p->bias[j] : 0);
            row[j] = p->relu && v < 0 ? 0 : v;
        }
    }
}

void ck_gemm(bool a_transposed, bool b_transposed, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
             const float *b, int64_t ldb, float *c, int64_t ldc, bool accumulate, const float *bias, bool relu) {
    product p = {.at = a_transposed, .bt = b_transposed, .accumulate = accumulate, .relu = relu, .m = m, .n = n, .k = k,
                 .lda = lda, .ldb = ldb, .ldc = ldc, .a = a, .b = b, .bias = bias, .c = c, .step = ck_rows_a_part(n * k)};
    ck_parallel(ck_divide_up(m, p.step), &p, product_part);
}

void ck_gemm_batch(int64_t count, bool a_transposed, bool b_transposed, int64_t m, int64_t n, int64_t k,
                   const float *a, int64_t a_step, const float *b, int64_t b_step, float *c, int64_t c_step) {
    for (int64_t i = 0; i < count; i++)
        ck_gemm(a_transposed, b_transposed, m, n, k, a + i * a_step, a_transposed ? m : k, b + i * b_step,
                b_transposed ? k : n, c + i * c_step, n, false, NULL, false);
}
