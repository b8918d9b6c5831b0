// The two register tiles that all matrix products and convolutions are made of.
// CK_TILE_ROWS × 2 vectors of sums stay in registers over the whole inner loop.

typedef float CK_NAME(vector) __attribute__((vector_size(CK_VL * 4)));
typedef int32_t CK_NAME(mask) __attribute__((vector_size(CK_VL * 4)));
typedef float CK_NAME(loose) __attribute__((vector_size(CK_VL * 4), aligned(4)));
#define VECTOR CK_NAME(vector)
#define LOAD(p) (*(const CK_NAME(loose) *)(p))
#define STORE(p, v) (*(CK_NAME(loose) *)(p) = (v))
#define UNROLL _Pragma("clang loop unroll(full)")
#define INLINE static inline __attribute__((always_inline))

// x − 0 is x for every x, so only the broadcast remains (0 + x would turn −0 into 0 and cost an addition).
INLINE VECTOR CK_NAME(repeat)(float x) { return x - (VECTOR){}; }

// Negative to 0; NaN stays, so that a broken run is seen.
INLINE VECTOR CK_NAME(cut)(VECTOR v) { return (VECTOR)((CK_NAME(mask))v & ~(v < 0)); }

static __attribute__((noinline)) void CK_NAME(finish_edge)(const ck_panel *t, const float *sums, float *out) {
    for (int64_t i = 0; i < t->columns; i++) {
        float s = sums[i];
        if (t->bias) s += t->bias[i];
        if (t->accumulate) s += out[i];
        out[i] = t->relu && s < 0 ? 0 : s;
    }
}

// Writes one row of sums. `count` may be less than the tile is wide.
INLINE void CK_NAME(finish)(const ck_panel *t, const int NV, VECTOR *sums, float *out) {
    if (t->columns == NV * CK_VL) {
        UNROLL for (int v = 0; v < NV; v++) {
            VECTOR s = sums[v];
            if (t->bias) s += LOAD(t->bias + v * CK_VL);
            if (t->accumulate) s += LOAD(out + v * CK_VL);
            if (t->relu) s = CK_NAME(cut)(s);
            STORE(out + v * CK_VL, s);
        }
        return;
    }
    float edge[2 * CK_VL];
    UNROLL for (int v = 0; v < NV; v++) STORE(edge + v * CK_VL, sums[v]);
    CK_NAME(finish_edge)(t, edge, out);
}

// MR rows: row r of `a` is read at a[r][offset + k], each number against a row of b.
INLINE void CK_NAME(rows)(const ck_panel *t, const int MR, const int NV, const float *const *a, float *const *out) {
    VECTOR sums[CK_TILE_ROWS][2];
    UNROLL for (int r = 0; r < MR; r++) UNROLL for (int v = 0; v < NV; v++) sums[r][v] = (VECTOR){};
    const float *b = t->b;
    for (int64_t s = 0; s < t->segments; s++) {
        const float *row[CK_TILE_ROWS];
        UNROLL for (int r = 0; r < MR; r++) row[r] = a[r] + t->offsets[s];
        for (int64_t k = 0; k < t->length; k++) {
            VECTOR weights[2];
            UNROLL for (int v = 0; v < NV; v++) weights[v] = LOAD(b + v * CK_VL);
            UNROLL for (int r = 0; r < MR; r++) {
                const VECTOR x = CK_NAME(repeat)(row[r][k]);
                UNROLL for (int v = 0; v < NV; v++) sums[r][v] += x * weights[v];
            }
            b += t->b_step;
        }
    }
    UNROLL for (int r = 0; r < MR; r++) CK_NAME(finish)(t, NV, sums[r], out[r]);
}

static void CK_NAME(row_panel)(const ck_panel *t, int64_t rows, const float *const *a, float *const *out) {
    int64_t r = 0;
    if (t->columns <= CK_VL) {
        for (; r + CK_TILE_ROWS <= rows; r += CK_TILE_ROWS) CK_NAME(rows)(t, CK_TILE_ROWS, 1, a + r, out + r);
        for (; r + 4 <= rows; r += 4) CK_NAME(rows)(t, 4, 1, a + r, out + r);
        for (; r < rows; r++) CK_NAME(rows)(t, 1, 1, a + r, out + r);
    } else {
        for (; r + CK_TILE_ROWS <= rows; r += CK_TILE_ROWS) CK_NAME(rows)(t, CK_TILE_ROWS, 2, a + r, out + r);
        for (; r + 4 <= rows; r += 4) CK_NAME(rows)(t, 4, 2, a + r, out + r);
        for (; r < rows; r++) CK_NAME(rows)(t, 1, 2, a + r, out + r);
    }
}

// Sum over places p of a[p][0 ..< MR] ⊗ b[p][0 ..< NV vectors], the places lying in `blocks` of `lines` of `length`.
INLINE void CK_NAME(places)(const ck_outer *t, const int MR, const int NV, const float *a, float *const c) {
    VECTOR sums[CK_TILE_ROWS][2];
    UNROLL for (int r = 0; r < MR; r++) UNROLL for (int v = 0; v < NV; v++) sums[r][v] = (VECTOR){};
    for (int64_t block = 0; block < t->blocks; block++)
        for (int64_t line = 0; line < t->lines; line++) {
            const float *x = a + block * t->a_block + line * t->a_line, *b = t->b + block * t->b_block + line * t->b_line;
            for (int64_t p = 0; p < t->length; p++) {
                VECTOR weights[2];
                UNROLL for (int v = 0; v < NV; v++) weights[v] = LOAD(b + v * CK_VL);
                UNROLL for (int r = 0; r < MR; r++) {
                    const VECTOR y = CK_NAME(repeat)(x[r]);
                    UNROLL for (int v = 0; v < NV; v++) sums[r][v] += y * weights[v];
                }
                x += t->a_step;
                b += t->b_step;
            }
        }
    const ck_panel finish = {.columns = t->columns, .accumulate = t->accumulate};
    UNROLL for (int r = 0; r < MR; r++) CK_NAME(finish)(&finish, NV, sums[r], c + r * t->c_step);
}

static void CK_NAME(outer_panel)(const ck_outer *t, int64_t rows, const float *a, float *c) {
    int64_t r = 0;
    if (t->columns <= CK_VL) {
        for (; r + CK_TILE_ROWS <= rows; r += CK_TILE_ROWS) CK_NAME(places)(t, CK_TILE_ROWS, 1, a + r, c + r * t->c_step);
        for (; r + 3 <= rows; r += 3) CK_NAME(places)(t, 3, 1, a + r, c + r * t->c_step);
        for (; r < rows; r++) CK_NAME(places)(t, 1, 1, a + r, c + r * t->c_step);
    } else {
        for (; r + CK_TILE_ROWS <= rows; r += CK_TILE_ROWS) CK_NAME(places)(t, CK_TILE_ROWS, 2, a + r, c + r * t->c_step);
        for (; r + 3 <= rows; r += 3) CK_NAME(places)(t, 3, 2, a + r, c + r * t->c_step);
        for (; r < rows; r++) CK_NAME(places)(t, 1, 2, a + r, c + r * t->c_step);
    }
}

INLINE float CK_NAME(lanes)(VECTOR v) {
#pragma clang fp reassociate(on)
    float sum = 0;
    UNROLL for (int lane = 0; lane < CK_VL; lane++) sum += v[lane];
    return sum;
}

// The products with bias, on request added to what is there and cut at 0.
INLINE void CK_NAME(dot_finish)(const ck_dots *t, const int MR, float result[][4], const float *bias, const int64_t count, float *c) {
    for (int i = 0; i < MR; i++)
        for (int64_t j = 0; j < count; j++) {
            float s = result[i][j] + (bias ? bias[j] : 0);
            if (t->accumulate) s += c[i * t->c_step + j];
            c[i * t->c_step + j] = t->relu && s < 0 ? 0 : s;
        }
}

// MR × 4 numbers, each the product of a row of a with a row of b: no repacking, so it suits few rows.
INLINE void CK_NAME(dot_tile)(const ck_dots *t, const int MR, const float *a, const float *b, const float *bias,
                              const int64_t count, float *c) {
    VECTOR sums[CK_DOT_ROWS][4];
    const float *line[4];
    UNROLL for (int j = 0; j < 4; j++) line[j] = b + (j < count ? j : 0) * t->b_step;
    UNROLL for (int i = 0; i < MR; i++) UNROLL for (int j = 0; j < 4; j++) sums[i][j] = (VECTOR){};
    int64_t k = 0;
    for (; k + CK_VL <= t->n; k += CK_VL) {
        VECTOR y[4];
        UNROLL for (int j = 0; j < 4; j++) y[j] = LOAD(line[j] + k);
        UNROLL for (int i = 0; i < MR; i++) {
            const VECTOR x = LOAD(a + i * t->a_step + k);
            UNROLL for (int j = 0; j < 4; j++) sums[i][j] += x * y[j];
        }
    }
    float result[CK_DOT_ROWS][4];
    UNROLL for (int i = 0; i < MR; i++) UNROLL for (int j = 0; j < 4; j++) result[i][j] = CK_NAME(lanes)(sums[i][j]);
    for (; k < t->n; k++)
        UNROLL for (int i = 0; i < MR; i++) UNROLL for (int j = 0; j < 4; j++) result[i][j] += a[i * t->a_step + k] * line[j][k];
    CK_NAME(dot_finish)(t, MR, result, bias, count, c);
}

static void CK_NAME(dots)(const ck_dots *t) {
    for (int64_t j = 0; j < t->columns; j += 4) {
        const int64_t count = t->columns - j < 4 ? t->columns - j : 4;
        const float *b = t->b + j * t->b_step, *bias = t->bias ? t->bias + j : NULL;
        int64_t i = 0;
        for (; i + CK_DOT_ROWS <= t->rows; i += CK_DOT_ROWS)
            CK_NAME(dot_tile)(t, CK_DOT_ROWS, t->a + i * t->a_step, b, bias, count, t->c + i * t->c_step + j);
        for (; i < t->rows; i++) CK_NAME(dot_tile)(t, 1, t->a + i * t->a_step, b, bias, count, t->c + i * t->c_step + j);
    }
}

// c = a · b for one row of numbers a: 8 vectors of columns at a time, each row of b read once.
static void CK_NAME(row_times_matrix)(int64_t n, int64_t k, const float *a, const float *b, int64_t b_step, float *c) {
    int64_t i = 0;
    for (; i + 8 * CK_VL <= n; i += 8 * CK_VL) {
        VECTOR sums[8];
        UNROLL for (int v = 0; v < 8; v++) sums[v] = (VECTOR){};
        for (int64_t l = 0; l < k; l++) {
            const VECTOR x = CK_NAME(repeat)(a[l]);
            UNROLL for (int v = 0; v < 8; v++) sums[v] += x * LOAD(b + l * b_step + i + v * CK_VL);
        }
        UNROLL for (int v = 0; v < 8; v++) STORE(c + i + v * CK_VL, sums[v]);
    }
    for (; i + CK_VL <= n; i += CK_VL) {
        VECTOR sum = {};
        for (int64_t l = 0; l < k; l++) sum += CK_NAME(repeat)(a[l]) * LOAD(b + l * b_step + i);
        STORE(c + i, sum);
    }
    for (; i < n; i++) {
        float sum = 0;
        for (int64_t l = 0; l < k; l++) sum += a[l] * b[l * b_step + i];
        c[i] = sum;
    }
}

// to[k][r] = from[r][k], in squares of four.
static void CK_NAME(transpose)(int64_t rows, int64_t columns, const float *from, int64_t from_step, float *to, int64_t to_step) {
    typedef float four __attribute__((vector_size(16)));
    typedef float loose __attribute__((vector_size(16), aligned(4)));
    int64_t r = 0;
    for (; r + 4 <= rows; r += 4) {
        const float *x = from + r * from_step;
        int64_t c = 0;
        for (; c + 4 <= columns; c += 4) {
            const four a = *(const loose *)(x + c), b = *(const loose *)(x + from_step + c);
            const four d = *(const loose *)(x + 2 * from_step + c), e = *(const loose *)(x + 3 * from_step + c);
            const four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
            const four de_low = __builtin_shufflevector(d, e, 0, 4, 1, 5), de_high = __builtin_shufflevector(d, e, 2, 6, 3, 7);
            *(loose *)(to + c * to_step + r) = __builtin_shufflevector(ab_low, de_low, 0, 1, 4, 5);
            *(loose *)(to + (c + 1) * to_step + r) = __builtin_shufflevector(ab_low, de_low, 2, 3, 6, 7);
            *(loose *)(to + (c + 2) * to_step + r) = __builtin_shufflevector(ab_high, de_high, 0, 1, 4, 5);
            *(loose *)(to + (c + 3) * to_step + r) = __builtin_shufflevector(ab_high, de_high, 2, 3, 6, 7);
        }
        for (; c < columns; c++) for (int i = 0; i < 4; i++) to[c * to_step + r + i] = x[i * from_step + c];
    }
    for (; r < rows; r++) for (int64_t c = 0; c < columns; c++) to[c * to_step + r] = from[r * from_step + c];
}
#undef VECTOR
#undef LOAD
#undef STORE
#undef UNROLL
#undef INLINE
