// Reductions and normalisations of one range. Sums may be reordered into vector lanes, always in the same way for a
// given length, so they do not depend on threads.

// Fewer than 32 numbers: what is left over by eight first, then eight lanes in order. That is PyTorch's order, so that small
// models can be followed number for number, and the same on every instruction set.
static float CK_NAME(short_sum)(int64_t n, const float *x) {
    const int64_t whole = n & ~(int64_t)7;
    float sum = 0, lanes[8] = {0};
    for (int64_t i = 0; i < whole; i++) lanes[i & 7] += x[i];
    for (int64_t i = whole; i < n; i++) sum += x[i];
    if (whole) for (int lane = 0; lane < 8; lane++) sum += lanes[lane];
    return sum;
}

typedef float CK_NAME(sums) __attribute__((vector_size(CK_VL * 4), aligned(4)));

// Blocks of 4,096 in four vectors, then the blocks in order: each lane adds few numbers, so little is lost to rounding.
static float CK_NAME(long_sum)(int64_t n, const float *x) {
    enum { STEP = 4 * CK_VL, BLOCK = 4096 };
    float total = 0;
    for (int64_t first = 0; first < n; first += BLOCK) {
        const int64_t end = first + BLOCK < n ? first + BLOCK : n;
        CK_NAME(sums) sums[4] = {};
        int64_t i = first;
        for (; i + STEP <= end; i += STEP)
            for (int v = 0; v < 4; v++) sums[v] += *(const CK_NAME(sums) *)(x + i + v * CK_VL);
        const CK_NAME(sums) sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        float block = 0;
        for (int lane = 0; lane < CK_VL; lane++) block += sum[lane];
        for (; i < end; i++) block += x[i];
        total += block;
    }
    return total;
}

static float CK_NAME(reduce_row)(int op, int64_t n, const float *x) {
    float best = x[0];
    int64_t place = 0;
    switch (op) {
    case CK_SUM:
        return n < 32 ? CK_NAME(short_sum)(n, x) : CK_NAME(long_sum)(n, x);
    case CK_REDUCE_MAX:
        for (int64_t i = 1; i < n; i++) best = x[i] > best || x[i] != x[i] ? x[i] : best;
        return best;
    case CK_REDUCE_MIN:
        for (int64_t i = 1; i < n; i++) best = x[i] < best || x[i] != x[i] ? x[i] : best;
        return best;
    case CK_ARGMAX:
        for (int64_t i = 1; i < n; i++) if (x[i] > best) { best = x[i]; place = i; }
        return (float)place;
    default:
        for (int64_t i = 1; i < n; i++) if (x[i] < best) { best = x[i]; place = i; }
        return (float)place;
    }
}

static void CK_NAME(reduce_columns)(int op, int64_t n, int64_t inner, const float *restrict x, float *restrict y) {
    if (op == CK_ARGMAX || op == CK_ARGMIN) {
        for (int64_t c = 0; c < inner; c++) {
            float best = x[c];
            int64_t place = 0;
            for (int64_t i = 1; i < n; i++) {
                const float v = x[i * inner + c];
                if (op == CK_ARGMAX ? v > best : v < best) { best = v; place = i; }
            }
            y[c] = (float)place;
        }
        return;
    }
    for (int64_t c = 0; c < inner; c++) y[c] = x[c];
    for (int64_t i = 1; i < n; i++) {
        const float *row = x + i * inner;
        if (op == CK_SUM) for (int64_t c = 0; c < inner; c++) y[c] += row[c];
        else if (op == CK_REDUCE_MAX) for (int64_t c = 0; c < inner; c++) y[c] = row[c] > y[c] || row[c] != row[c] ? row[c] : y[c];
        else for (int64_t c = 0; c < inner; c++) y[c] = row[c] < y[c] || row[c] != row[c] ? row[c] : y[c];
    }
}

static double CK_NAME(sum_of_squares)(int64_t n, const float *x) {
#pragma clang fp reassociate(on)
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

static float CK_NAME(sum_exp)(int64_t n, const float *x, float top) {
#pragma clang fp reassociate(on)
    float sum = 0;
    for (int64_t i = 0; i < n; i++) sum += CK_NAME(exp)(x[i] - top);
    return sum;
}

static float CK_NAME(dot)(int64_t n, const float *x, const float *y) {
#pragma clang fp reassociate(on)
    float sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

static float CK_NAME(top)(int64_t n, const float *x) {
    float best = x[0];
    for (int64_t i = 1; i < n; i++) best = x[i] > best ? x[i] : best;
    return best;
}

static void CK_NAME(softmax)(int64_t n, const float *restrict x, float *restrict y, bool logarithm) {
    const float top = CK_NAME(top)(n, x);
    if (logarithm) {
        const float shift = top + logf(CK_NAME(sum_exp)(n, x, top));
        for (int64_t i = 0; i < n; i++) y[i] = x[i] - shift;
    } else {
        for (int64_t i = 0; i < n; i++) y[i] = CK_NAME(exp)(x[i] - top);
        const float scale = 1 / CK_NAME(reduce_row)(CK_SUM, n, y);
        for (int64_t i = 0; i < n; i++) y[i] *= scale;
    }
}

static void CK_NAME(softmax_gradient)(int64_t n, const float *restrict y, const float *restrict g, float *restrict dx,
                                      bool logarithm) {
    if (logarithm) {
        const float sum = CK_NAME(reduce_row)(CK_SUM, n, g);
        for (int64_t i = 0; i < n; i++) dx[i] = g[i] - CK_NAME(exp)(y[i]) * sum;
    } else {
        const float sum = CK_NAME(dot)(n, g, y);
        for (int64_t i = 0; i < n; i++) dx[i] = y[i] * (g[i] - sum);
    }
}

static void CK_NAME(moments)(int64_t rows, int64_t channels, const float *restrict x, float *restrict mean,
                             float *restrict deviations) {
    const float scale = 1 / (float)rows;
    for (int64_t c = 0; c < channels; c++) mean[c] = deviations[c] = 0;
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < channels; c++) mean[c] += x[r * channels + c];
    for (int64_t c = 0; c < channels; c++) mean[c] *= scale;
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < channels; c++) {
            const float d = x[r * channels + c] - mean[c];
            deviations[c] += d * d;
        }
}

static void CK_NAME(normalize)(int64_t rows, int64_t channels, const float *restrict x, const float *restrict scale,
                               const float *restrict shift, float *restrict y) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < channels; c++) y[r * channels + c] = x[r * channels + c] * scale[c] + shift[c];
}

static void CK_NAME(batch_norm_sums)(int64_t rows, int64_t channels, const float *restrict x, const float *restrict g,
                                     const float *restrict mean, const float *restrict inverse,
                                     float *restrict sums, float *restrict products) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < channels; c++) {
            const float d = g[r * channels + c];
            sums[c] += d;
            products[c] += d * ((x[r * channels + c] - mean[c]) * inverse[c]);
        }
}

static void CK_NAME(batch_norm_gradient)(int64_t rows, int64_t channels, const float *restrict x, const float *restrict g,
                                         const float *restrict scale, const float *restrict slope,
                                         const float *restrict shift, float *restrict dx) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < channels; c++)
            dx[r * channels + c] = g[r * channels + c] * scale[c] + x[r * channels + c] * slope[c] + shift[c];
}

static float CK_NAME(squared_deviations)(int64_t n, const float *x, float mean) {
#pragma clang fp reassociate(on)
    float sum = 0;
    for (int64_t i = 0; i < n; i++) sum += (x[i] - mean) * (x[i] - mean);
    return sum;
}

static void CK_NAME(layer_norm)(int64_t n, float epsilon, const float *restrict x, const float *restrict weight,
                                const float *restrict bias, float *restrict y, float *mean, float *inverse) {
    const float m = CK_NAME(reduce_row)(CK_SUM, n, x) / (float)n;
    const float s = 1 / __builtin_elementwise_sqrt(CK_NAME(squared_deviations)(n, x, m) / (float)n + epsilon);
    *mean = m;
    *inverse = s;
    if (weight && bias) for (int64_t i = 0; i < n; i++) y[i] = (x[i] - m) * s * weight[i] + bias[i];
    else if (weight) for (int64_t i = 0; i < n; i++) y[i] = (x[i] - m) * s * weight[i];
    else for (int64_t i = 0; i < n; i++) y[i] = (x[i] - m) * s;
}

static void CK_NAME(layer_norm_sums)(int64_t n, const float *x, float mean, float inverse, const float *weight,
                                     const float *g, float *first, float *second) {
#pragma clang fp reassociate(on)
    float a = 0, b = 0;
    if (weight) for (int64_t i = 0; i < n; i++) { const float d = g[i] * weight[i]; a += d; b += d * (x[i] - mean); }
    else for (int64_t i = 0; i < n; i++) { a += g[i]; b += g[i] * (x[i] - mean); }
    *first = a / (float)n;
    *second = b * inverse / (float)n;
}

// dweight and dbias are added to, so that a range of rows shares one pair.
static void CK_NAME(layer_norm_gradient)(int64_t n, const float *restrict x, float mean, float inverse,
                                         const float *restrict weight, const float *restrict g, float *restrict dx,
                                         float *restrict dweight, float *restrict dbias) {
    float first, second;
    if (dx) {
        CK_NAME(layer_norm_sums)(n, x, mean, inverse, weight, g, &first, &second);
        if (weight) for (int64_t i = 0; i < n; i++)
            dx[i] = inverse * (g[i] * weight[i] - first - (x[i] - mean) * inverse * second);
        else for (int64_t i = 0; i < n; i++) dx[i] = inverse * (g[i] - first - (x[i] - mean) * inverse * second);
    }
    if (dweight) for (int64_t i = 0; i < n; i++) dweight[i] += g[i] * (x[i] - mean) * inverse;
    if (dbias) for (int64_t i = 0; i < n; i++) dbias[i] += g[i];
}
