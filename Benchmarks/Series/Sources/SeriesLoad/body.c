// Batches as programs send them: raw columns (docs/formats/batch.md) or JSON rows. Only what differs between batches is written again.
#include "load.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { pool_rows = 4096, digits = 10 };
static const uint64_t first_step = 1000000000;      // ten digits, so that steps in JSON keep their width

static double *pool;                                // values that logging might send: noise, exact in float32
static char *json_rows;                             // pool rows as text
static size_t json_starts[2 * pool_rows + 1];       // where each begins

static void make_pool(int metrics) {
    uint64_t random = 42;
    pool = malloc(sizeof *pool * 2 * pool_rows * metrics);
    for (int i = 0; i < 2 * pool_rows * metrics; i++) pool[i] = (float)(0.1 + unit(&random));
}

// {"step":1000000000,"time":1700000000000000,"values":{"train/metric0":0.6931471824645996,…}}
static void make_json_pool(int metrics) {
    uint64_t random = 42;
    json_rows = malloc((size_t)2 * pool_rows * (80 + 40 * metrics));
    char *end = json_rows;
    for (int row = 0; row < 2 * pool_rows; row++) {
        json_starts[row] = end - json_rows;
        end += sprintf(end, "{\"step\":%010llu,\"time\":1700000000000000,\"values\":{", (unsigned long long)first_step);
        for (int metric = 0; metric < metrics; metric++)
            end += sprintf(end, "%s\"train/metric%d\":%.17g", metric ? "," : "", metric, (double)(float)(0.1 + unit(&random)));
        end += sprintf(end, "}},");
    }
    json_starts[2 * pool_rows] = end - json_rows;
}

static size_t put_head(BatchBody *body, const char *run, size_t bytes) {
    return sprintf(body->buffer, "POST /api/v1/runs/%s/batches HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %010zu\r\n\r\n", run,
                   body->json ? "application/json" : "application/vnd.track.batch", bytes);
}

static void put(char **end, uint64_t value, int bytes) {
    memcpy(*end, &value, bytes);
    *end += bytes;
}

static void prepare_raw(BatchBody *body, const char *run) {
    char names[64 * 64], *end = names;
    for (int metric = 0; metric < body->metrics; metric++) {
        char name[32];
        int length = sprintf(name, "train/metric%d", metric);
        put(&end, length, 2);
        put(&end, 0, 1);
        memcpy(end, name, length);
        end += length;
    }
    size_t names_size = end - names;
    body->columns = (40 + 1 + names_size + 7) / 8 * 8;
    size_t bytes = body->columns + 16ul * body->rows + 8ul * body->rows * body->metrics;
    body->buffer = calloc(1, 512 + bytes);
    body->head = put_head(body, run, bytes);
    body->size = body->head + bytes;
    end = body->buffer + body->head;
    const uint64_t fields[][2] = {{0x424B5254, 4}, {1, 2}, {0, 2}, {1, 4}, {body->rows, 4}, {body->metrics, 4}, {0, 4}, {1, 8}, {names_size, 4}, {1, 4}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) put(&end, fields[i][0], fields[i][1]);
    *end++ = 'w';
    memcpy(end, names, names_size);
}

void prepare(BatchBody *body, const char *run, int json, int rows, int metrics) {
    if (rows > pool_rows || metrics > 64) { fprintf(stderr, "at most %d rows and 64 metrics\n", pool_rows); exit(2); }
    (body->json = json, body->rows = rows, body->metrics = metrics);
    if (!json) {
        if (!pool) make_pool(metrics);
        return prepare_raw(body, run);
    }
    if (!json_rows) make_json_pool(metrics);
    body->buffer = malloc(1024 + (size_t)rows * (80 + 40 * metrics));
}

static void patch_raw(BatchBody *body, uint64_t sequence, uint64_t *random) {
    char *start = body->buffer + body->head;
    memcpy(start + 24, &sequence, 8);
    int64_t *steps = (int64_t *)(start + body->columns), *times = steps + body->rows;       // may be unaligned: x86-64 and ARM64 do not mind
    for (int row = 0; row < body->rows; row++) {
        steps[row] = first_step + (sequence - 1) * body->rows + row;
        times[row] = 1700000000000000 + steps[row] * 1000;
    }
    char *values = (char *)(times + body->rows);
    for (int metric = 0; metric < body->metrics; metric++, values += 8ul * body->rows)
        memcpy(values, pool + next_random(random) % (pool_rows * body->metrics), 8ul * body->rows);
}

static void put_digits(char *place, uint64_t value, int count) {
    while (count-- > 0) { place[count] = '0' + value % 10; value /= 10; }
}

// The next number in the same digits: quicker than dividing.
static void count_up(char *place, int count) {
    while (count-- > 0 && ++place[count] > '9') place[count] = '0';
}

static void patch_json(BatchBody *body, const char *run, uint64_t sequence, uint64_t *random) {
    int first = next_random(random) % pool_rows;
    size_t start = json_starts[first], rows_size = json_starts[first + body->rows] - start - 1;     // without the last comma
    char lead[64];
    int lead_size = sprintf(lead, "{\"writer\":\"w\",\"sequence\":%llu,\"rows\":[", (unsigned long long)sequence);
    body->head = put_head(body, run, lead_size + rows_size + 2);
    char *end = body->buffer + body->head;
    memcpy(end, lead, lead_size);
    memcpy(end + lead_size, json_rows + start, rows_size);
    memcpy(end + lead_size + rows_size, "]}", 2);
    char step[digits];
    put_digits(step, first_step + (sequence - 1) * body->rows, digits);
    for (int row = 0; row < body->rows; row++) {
        char *text = end + lead_size + json_starts[first + row] - start;
        memcpy(text + 8, step, digits);
        memcpy(text + 26, step, digits);                // the time grows with it
        count_up(step, digits);
    }
    body->size = body->head + lead_size + rows_size + 2;
}

void patch(BatchBody *body, const char *run, uint64_t sequence, uint64_t *random) {
    if (body->json) patch_json(body, run, sequence, random);
    else patch_raw(body, sequence, random);
}
