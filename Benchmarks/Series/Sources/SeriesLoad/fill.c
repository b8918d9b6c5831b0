// One run filled with long series: a falling curve with noise, fresh for every point; or flat noise with fifty spikes of one step.
#include "load.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { part = 4096 };

static double value_at(long step, long rows, const char *kind, uint64_t *random) {
    double value = 0.1 + 2 / (1 + step / 1000.0) + 0.05 * unit(random);
    if (!strcmp(kind, "double")) return value;
    if (!strcmp(kind, "spikes") && step % (rows / 50) == rows / 100 + 7) return 1000;
    return (float)value;
}

int fill(int port, const char *run, long rows, int metrics, const char *kind) {
    Connection connection = {.fd = dial(port)};
    uint64_t random = 11;
    int64_t time = 1700000000000000;
    double start = now();
    for (long first = 0, sequence = 1; first < rows; first += part, sequence++) {
        int count = rows - first < part ? rows - first : part;
        BatchBody body;
        prepare(&body, run, 0, count, metrics);
        patch(&body, run, sequence, &random);
        int64_t *steps = (int64_t *)(body.buffer + body.head + body.columns), *times = steps + count;
        double *values = (double *)(times + count);
        for (int row = 0; row < count; row++) {
            steps[row] = first + row;
            times[row] = time += 10000 + next_random(&random) % 500;
        }
        for (long i = 0; i < (long)count * metrics; i++) values[i] = value_at(first + i % count, rows, kind, &random);
        connection.request = body.buffer;
        connection.size = body.size;
        exchange(&connection);
        free(body.buffer);
    }
    printf("%.0f\n", (double)rows * metrics / (now() - start));
    return 0;
}
