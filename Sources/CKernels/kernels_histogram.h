// Extremes, sum and bins of many numbers. Lanes are written out, because a compiler may not reorder comparisons by itself.

enum { CK_NAME(LANES) = 16 };

static void CK_NAME(spread)(int64_t n, const float *restrict x, ck_spread *spread) {
    float low[CK_NAME(LANES)], high[CK_NAME(LANES)];
    double sum[CK_NAME(LANES)] = {0};
    int32_t nan[CK_NAME(LANES)] = {0};
    for (int l = 0; l < CK_NAME(LANES); l++) { low[l] = __builtin_inff(); high[l] = -__builtin_inff(); }
    for (int64_t i = 0; i < n; i += CK_NAME(LANES)) {
        const int64_t count = n - i < CK_NAME(LANES) ? n - i : CK_NAME(LANES);
        for (int64_t l = 0; l < count; l++) {
            const float v = x[i + l];
            const bool finite = __builtin_fabsf(v) <= 3.40282347e38f;
            low[l] = finite && v < low[l] ? v : low[l];
            high[l] = finite && v > high[l] ? v : high[l];
            sum[l] += finite ? (double)v : 0;
            nan[l] += v != v;
        }
    }
    *spread = (ck_spread){.low = __builtin_inf(), .high = -__builtin_inf()};
    for (int l = 0; l < CK_NAME(LANES); l++) {
        if (low[l] < spread->low) spread->low = low[l];
        if (high[l] > spread->high) spread->high = high[l];
        spread->sum += sum[l];
        spread->nan += nan[l];
    }
}

static void CK_NAME(bins)(int64_t n, const float *restrict x, double first, double width, int32_t last, int32_t *restrict place) {
    const double most = last;
    for (int64_t i = 0; i < n; i++) {
        const double at = ((double)x[i] - first) / width, above = at > 0 ? at : 0;
        place[i] = (int32_t)(above < most ? above : most);
    }
}
