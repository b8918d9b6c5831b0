// Rows of a table by index.
#include "parts.h"

#include <string.h>

int64_t ck_gather_rows(int64_t count, int64_t rows, int64_t width, const float *table, const float *index, float *y) {
    for (int64_t i = 0; i < count; i++) {
        if (!(index[i] >= 0 && index[i] < (float)rows)) return i;
        memcpy(y + i * width, table + (int64_t)index[i] * width, (size_t)width * sizeof(float));
    }
    return -1;
}

// In one thread and in order: the same index may come many times.
void ck_scatter_rows(int64_t count, int64_t rows, int64_t width, const float *index, const float *g, float *dtable) {
    memset(dtable, 0, (size_t)(rows * width) * sizeof(float));
    for (int64_t i = 0; i < count; i++) ck_kernels->add_into(width, g + i * width, dtable + (int64_t)index[i] * width);
}
