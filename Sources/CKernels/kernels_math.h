// Scalar functions without branches, so that loops over them become vector code.
#define GELU_A 0.7978845608028654f      // √(2/π)
#define GELU_B 0.044715f

static inline float CK_NAME(exp)(float x) { return expf(x); }
static inline float CK_NAME(log)(float x) { return logf(x); }
static inline float CK_NAME(tanh)(float x) { return tanhf(x); }
static inline float CK_NAME(erf)(float x) { return erff(x); }
static inline float CK_NAME(sigmoid)(float x) { return 1 / (1 + CK_NAME(exp)(-x)); }
static inline float CK_NAME(log1p_of_exp)(float x) { return log1pf(CK_NAME(exp)(x)); }
static inline float CK_NAME(gelu)(float x) { return 0.5f * x * (1 + CK_NAME(erf)(x * 0.70710678118654752f)); }
static inline float CK_NAME(gelu_slope)(float x) {
    return 0.5f * (1 + CK_NAME(erf)(x * 0.70710678118654752f)) + x * 0.3989422804014327f * CK_NAME(exp)(-0.5f * x * x);
}
static inline float CK_NAME(gelu_tanh_slope)(float x) {
    const float t = CK_NAME(tanh)(GELU_A * (x + GELU_B * x * x * x));
    return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * GELU_A * (1 + 3 * GELU_B * x * x);
}
