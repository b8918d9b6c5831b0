// What the parts of the load generator share.
#ifndef LOAD_H
#define LOAD_H

#include <stddef.h>
#include <stdint.h>

// Time and chance
double now(void);                                   // seconds, monotonic
uint64_t next_random(uint64_t *state);
double unit(uint64_t *state);                       // 0 ≤ … < 1
void fail(const char *what);

// Times that were measured, in microseconds
typedef struct {
    float *values;
    size_t count, capacity;
} Times;
void note(Times *times, double seconds);
double percentile(Times *times, double part);       // sorts

// One connection with one request under way
typedef struct {
    int fd;
    char *request;                                  // head and body
    size_t size, sent;
    char *answer;
    size_t got, capacity, whole;                    // `whole`: bytes of the answer, 0 until its head is read
    double began;
} Connection;
int dial(int port);
void begin(Connection *connection);
int write_some(Connection *connection);             // 1 when all is sent
int read_some(Connection *connection);              // 1 when the answer is whole; fails on any status but 2xx
void exchange(Connection *connection);              // blocking: the whole request and the whole answer

// Bodies of POST /api/v1/runs/{run}/batches, prepared once and patched for each sequence
typedef struct {
    int json, rows, metrics;
    size_t head;                                    // bytes before the body
    size_t columns;                                 // raw: where steps begin in the body
    char *buffer;
    size_t size;
} BatchBody;
void prepare(BatchBody *body, const char *run, int json, int rows, int metrics);
void patch(BatchBody *body, const char *run, uint64_t sequence, uint64_t *random);

int ingest(int port, int json, int rows, int metrics, double seconds, char **runs, int count);
int sink(const char *path);
int fill(int port, const char *run, long rows, int metrics, const char *kind);
int ask(int port, const char *method, const char *accept, int count, const char *file);
int disk(const char *folder);
int sqlite_rows(const char *folder, long points);

#endif
