// Elementwise loops. Written as plain loops over a scalar expression: the compiler turns each into vector code for
// the instruction set that the including file asks for.

#define EACH(expression) for (int64_t i = 0; i < n; i++) { const float x = X[i]; Y[i] = (expression); } break

static void CK_NAME(map)(int op, int64_t n, const float *restrict X, float *restrict Y, float p, float q) {
    switch (op) {
    case CK_NEG: EACH(-x);
    case CK_EXP: EACH(CK_NAME(exp)(x));
    case CK_LOG: EACH(CK_NAME(log)(x));
    case CK_SQRT: EACH(__builtin_elementwise_sqrt(x));
    case CK_ABS: EACH(__builtin_fabsf(x));
    case CK_TANH: EACH(CK_NAME(tanh)(x));
    case CK_SIGMOID: EACH(CK_NAME(sigmoid)(x));
    case CK_RELU: EACH(x < 0 ? 0 : x);
    case CK_GELU: EACH(CK_NAME(gelu)(x));
    case CK_GELU_TANH: EACH(0.5f * x * (1 + CK_NAME(tanh)(GELU_A * (x + GELU_B * x * x * x))));
    case CK_RECIPROCAL: EACH(1 / x);
    case CK_SQUARE: EACH(x * x);
    case CK_POW: EACH(powf(x, p));
    case CK_AFFINE: EACH(x * p + q);
    case CK_CLAMP: EACH(x < p ? p : (x > q ? q : x));
    case CK_SIGN: EACH(x > 0 ? 1.0f : (x < 0 ? -1.0f : 0));
    case CK_SOFTPLUS: EACH((x > 0 ? x : 0) + CK_NAME(log1p_of_exp)(-__builtin_fabsf(x)));
    case CK_SIN: EACH(sinf(x));
    case CK_COS: EACH(cosf(x));
    case CK_LEAKY_RELU: EACH(x < 0 ? x * p : x);
    }
}
#undef EACH

#define EACH(expression) \
    for (int64_t i = 0; i < n; i++) { const float x = X[i], y = Y[i], g = G[i]; (void)x; (void)y; D[i] = (expression); } break

static void CK_NAME(map_gradient)(int op, int64_t n, const float *restrict X, const float *restrict Y,
                                  const float *restrict G, float *restrict D, float p, float q) {
    switch (op) {
    case CK_NEG: EACH(-g);
    case CK_EXP: EACH(g * y);
    case CK_LOG: EACH(g / x);
    case CK_SQRT: EACH(0.5f * g / y);
    case CK_ABS: EACH(x > 0 ? g : (x < 0 ? -g : 0));
    case CK_TANH: EACH(g * (1 - y * y));
    case CK_SIGMOID: EACH(g * y * (1 - y));
    case CK_RELU: EACH(y > 0 ? g : 0);
    case CK_GELU: EACH(g * CK_NAME(gelu_slope)(x));
    case CK_GELU_TANH: EACH(g * CK_NAME(gelu_tanh_slope)(x));
    case CK_RECIPROCAL: EACH(-g * y * y);
    case CK_SQUARE: EACH(2 * g * x);
    case CK_POW: EACH(g * p * powf(x, p - 1));
    case CK_AFFINE: EACH(g * p);
    case CK_CLAMP: EACH(x >= p && x <= q ? g : 0);
    case CK_SIGN: EACH(0 * g);
    case CK_SOFTPLUS: EACH(g * CK_NAME(sigmoid)(x));
    case CK_SIN: EACH(g * cosf(x));
    case CK_COS: EACH(-g * sinf(x));
    case CK_LEAKY_RELU: EACH(x < 0 ? g * p : g);
    }
}
#undef EACH

// The two strides that matter, 0 and 1, are constants inside their loops, so that those become vector code.
#define LOOP(expression, SA, SB) \
    for (int64_t i = 0; i < n; i++) { const float a = A[i * (SA)], b = B[i * (SB)]; Y[i] = (expression); }
#define EACH(expression) \
    if (sa == 1 && sb == 1) { LOOP(expression, 1, 1) } \
    else if (sa == 1 && sb == 0) { const float one = *B; LOOP_REPEATED(expression, A[i], one) } \
    else if (sa == 0 && sb == 1) { const float one = *A; LOOP_REPEATED(expression, one, B[i]) } \
    else { LOOP(expression, sa, sb) } break
#define LOOP_REPEATED(expression, FIRST, SECOND) \
    for (int64_t i = 0; i < n; i++) { const float a = FIRST, b = SECOND; Y[i] = (expression); }

static void CK_NAME(zip)(int op, int64_t n, const float *restrict A, int64_t sa, const float *restrict B, int64_t sb,
                         float *restrict Y) {
    switch (op) {
    case CK_ADD: EACH(a + b);
    case CK_SUB: EACH(a - b);
    case CK_MUL: EACH(a * b);
    case CK_DIV: EACH(a / b);
    case CK_POWER: EACH(powf(a, b));
    case CK_MAX: EACH(a != a || a > b ? a : b);
    case CK_MIN: EACH(a != a || a < b ? a : b);
    case CK_EQUAL: EACH(a == b ? 1.0f : 0);
    case CK_LESS: EACH(a < b ? 1.0f : 0);
    case CK_LESS_EQUAL: EACH(a <= b ? 1.0f : 0);
    }
}
#undef EACH
#undef LOOP
#undef LOOP_REPEATED

static void CK_NAME(select)(int64_t n, const float *restrict condition, const float *restrict a, const float *restrict b,
                            float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] = condition[i] != 0 ? a[i] : b[i];
}

static void CK_NAME(add_into)(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] += x[i];
}

static void CK_NAME(dropout)(int64_t n, uint64_t seed, uint64_t counter, int64_t first, float p, const float *restrict x,
                             float *restrict y) {
    const float scale = 1 / (1 - p);
    const uint32_t threshold = (uint32_t)((double)p * 4294967295.0);
    const uint64_t key = ck_random_bits(seed, counter);
    const uint32_t low = (uint32_t)key, high = (uint32_t)(key >> 32);
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits = (uint32_t)(first + i) * 0x9E3779B1u ^ low;        // a 32-bit finalizer keyed on both sides
        bits ^= bits >> 16; bits *= 0x85EBCA6Bu;
        bits ^= bits >> 13; bits += high; bits *= 0xC2B2AE35u;
        bits ^= bits >> 16;
        y[i] = bits >= threshold ? x[i] * scale : 0;
    }
}

static void CK_NAME(sgd)(const ck_sgd *s, int64_t n, const float *restrict g, float *restrict velocity, float *restrict p) {
    const float rate = s->learning_rate, decay = s->weight_decay, momentum = s->momentum, kept = 1 - s->dampening;
    if (!velocity) {
        for (int64_t i = 0; i < n; i++) p[i] -= rate * (g[i] + decay * p[i]);
    } else if (s->nesterov) {
        for (int64_t i = 0; i < n; i++) {
            const float d = g[i] + decay * p[i], v = s->first ? d : momentum * velocity[i] + kept * d;
            velocity[i] = v;
            p[i] -= rate * (d + momentum * v);
        }
    } else {
        for (int64_t i = 0; i < n; i++) {
            const float d = g[i] + decay * p[i], v = s->first ? d : momentum * velocity[i] + kept * d;
            velocity[i] = v;
            p[i] -= rate * v;
        }
    }
}

static void CK_NAME(adam)(const ck_adam *s, int64_t n, const float *restrict g, float *restrict m, float *restrict v,
                          float *restrict p) {
    const float beta1 = s->beta1, beta2 = s->beta2, epsilon = s->epsilon;
    const float step = s->learning_rate / s->correction1, scale = 1 / __builtin_elementwise_sqrt(s->correction2);
    const float shrink = s->decoupled ? 1 - s->learning_rate * s->weight_decay : 1;
    const float decay = s->decoupled ? 0 : s->weight_decay;
    for (int64_t i = 0; i < n; i++) {
        const float d = g[i] + decay * p[i];
        m[i] = beta1 * m[i] + (1 - beta1) * d;
        v[i] = beta2 * v[i] + (1 - beta2) * d * d;
        p[i] = shrink * p[i] - step * m[i] / (__builtin_elementwise_sqrt(v[i]) * scale + epsilon);
    }
}
