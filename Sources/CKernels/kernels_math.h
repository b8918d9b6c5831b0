// Elementary functions without branches, so that loops over them become vector code. Coefficients are minimax fits of our
// own (iteratively reweighted least squares in double precision); each function stays within about two units in the
// last place, infinities and NaN pass as in the C library.
#define GELU_A 0.7978845608028654f      // √(2/π)
#define GELU_B 0.044715f

static inline float CK_NAME(from_bits)(int32_t bits) { float x; __builtin_memcpy(&x, &bits, 4); return x; }
static inline int32_t CK_NAME(to_bits)(float x) { int32_t bits; __builtin_memcpy(&bits, &x, 4); return bits; }

// eˣ = 2ⁿ · eʳ with |r| ≤ ln 2 / 2; 2ⁿ in two factors, so that results fade into subnormals and overflow to infinity.
static inline float CK_NAME(exp)(float x) {
    const float round = 12582912.0f;                            // 1.5 · 2²³: adding it leaves a whole number in the low bits
    const float c = x < -104.0f ? -104.0f : x > 89.0f ? 89.0f : x;
    const float shifted = c * 1.44269504088896f + round, n = shifted - round;
    const int32_t whole = CK_NAME(to_bits)(shifted) - 0x4B400000, half = whole >> 1;
    const float r = (c - n * 0.693359375f) - n * -2.12194440e-4f;
    float p = 0.001381422160193324f;
    p = p * r + 0.00836889911442995f;
    p = p * r + 0.04166840389370918f;
    p = p * r + 0.1666651964187622f;
    p = p * r + 0.4999999403953552f;
    p = p * (r * r) + r + 1;
    return p * CK_NAME(from_bits)((half + 127) << 23) * CK_NAME(from_bits)((whole - half + 127) << 23);
}

// log(1 + f) + k · ln 2 for f between √½ − 1 and √2 − 1, through atanh(f / (2 + f)).
static inline float CK_NAME(log_near_one)(float f, float k) {
    const float s = f / (2 + f), u = s * s;
    float p = 0.23596331477165222f;
    p = p * u + 0.285366028547287f;
    p = p * u + 0.40000346302986145f;
    p = p * u + 0.6666666269302368f;
    return k * 0.693359375f + (2 * s + (s * u * p + k * -2.12194440e-4f));
}

static inline float CK_NAME(log)(float x) {
    const bool tiny = x < 1.17549435e-38f;
    const float scaled = tiny ? x * 8388608.0f : x;
    const int32_t bits = CK_NAME(to_bits)(scaled), from_half = bits - 0x3F3504F3;       // √½ starts an octave here
    const int32_t exponent = from_half >> 23;
    const float m = CK_NAME(from_bits)(bits - (int32_t)((uint32_t)exponent << 23));
    const float y = CK_NAME(log_near_one)(m - 1, (float)exponent - (tiny ? 23.0f : 0.0f));
    return x > 0 ? (x <= 3.40282347e38f ? y : x) : (x == 0 ? -__builtin_inff() : __builtin_nanf(""));
}

// log(1 + eˣ) for x ≤ 0, exact for very negative x too.
static inline float CK_NAME(log1p_of_exp)(float x) {
    const float e = CK_NAME(exp)(x);
    const bool large = e > 0.41421356f;
    return CK_NAME(log_near_one)(large ? (e - 1) * 0.5f : e, large ? 1.0f : 0.0f);
}

static inline float CK_NAME(sigmoid)(float x) { return 1 / (1 + CK_NAME(exp)(-x)); }

static inline float CK_NAME(tanh)(float x) {
    const float a = __builtin_fabsf(x), u = x * x;
    float p = -0.005698176100850105f;
    p = p * u + 0.020634420216083527f;
    p = p * u - 0.0537387877702713f;
    p = p * u + 0.13331438601016998f;
    p = p * u - 0.3333328068256378f;
    const float near = x + x * u * p, far = 1 - 2 / (CK_NAME(exp)(2 * a) + 1);
    return a < 0.625f ? near : __builtin_copysignf(far, x);
}

static inline float CK_NAME(erf)(float x) {
    const float a = __builtin_fabsf(x), u = x * x;
    float p = 8.119053381960839e-05f;
    p = p * u - 0.0008080974803306162f;
    p = p * u + 0.005195372737944126f;
    p = p * u - 0.02685702219605446f;
    p = p * u + 0.11283650994300842f;
    p = p * u - 0.37612631916999817f;
    p = p * u + 1.128379225730896f;
    const float t = a < 4 ? a : 4;                               // erf(4) is 1 in 32 bits
    float q = 2.127868719981052e-05f;                            // −log(1 − erf t)
    q = q * t - 0.0004365741624496877f;
    q = q * t + 0.004181237425655127f;
    q = q * t - 0.02514606900513172f;
    q = q * t + 0.10832105576992035f;
    q = q * t + 0.6333099007606506f;
    q = q * t + 1.1295331716537476f;
    q = q * t - 0.0001784512132871896f;
    const float far = __builtin_copysignf(1 - CK_NAME(exp)(-q), x);
    return a < 0.94f ? x * p : (x == x ? far : x);
}

static inline float CK_NAME(gelu)(float x) { return 0.5f * x * (1 + CK_NAME(erf)(x * 0.70710678118654752f)); }
static inline float CK_NAME(gelu_slope)(float x) {
    return 0.5f * (1 + CK_NAME(erf)(x * 0.70710678118654752f)) + x * 0.3989422804014327f * CK_NAME(exp)(-0.5f * x * x);
}
static inline float CK_NAME(gelu_tanh_slope)(float x) {
    const float t = CK_NAME(tanh)(GELU_A * (x + GELU_B * x * x * x));
    return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * GELU_A * (1 + 3 * GELU_B * x * x);
}
