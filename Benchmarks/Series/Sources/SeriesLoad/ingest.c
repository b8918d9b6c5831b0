#define _GNU_SOURCE
#include "load.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>

typedef struct {
    Connection connection;
    BatchBody body;
    const char *run;
    uint64_t sequence;
} Writer;

static uint64_t random_state = 7;

static void send_next(Writer *writer) {
    patch(&writer->body, writer->run, ++writer->sequence, &random_state);
    writer->connection.request = writer->body.buffer;
    writer->connection.size = writer->body.size;
    begin(&writer->connection);
    write_some(&writer->connection);
}

static Writer *start_writers(int port, int json, int rows, int metrics, char **runs, int count, int epoll) {
    Writer *writers = calloc(count, sizeof *writers);
    for (int i = 0; i < count; i++) {
        writers[i].run = runs[i];
        prepare(&writers[i].body, runs[i], json, rows, metrics);
        writers[i].connection.fd = dial(port);
        fcntl(writers[i].connection.fd, F_SETFL, O_NONBLOCK);
        struct epoll_event event = {EPOLLIN | EPOLLOUT | EPOLLET, {.ptr = &writers[i]}};
        epoll_ctl(epoll, EPOLL_CTL_ADD, writers[i].connection.fd, &event);
        send_next(&writers[i]);
    }
    return writers;
}

static double processor_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// Each connection sends its next batch when the one before is acknowledged. The first half second is not counted.
int ingest(int port, int json, int rows, int metrics, double seconds, char **runs, int count) {
    int epoll = epoll_create1(0);
    Times times = {0};
    size_t bytes = 0;
    start_writers(port, json, rows, metrics, runs, count, epoll);
    double start = now() + 0.5, end = start + seconds, used = processor_seconds();
    struct epoll_event events[256];
    for (double time = now(); time < end; time = now()) {
        int n = epoll_wait(epoll, events, 256, 100);
        for (int i = 0; i < n; i++) {
            Writer *writer = events[i].data.ptr;
            if (writer->connection.sent < writer->connection.size) write_some(&writer->connection);
            if (!(events[i].events & EPOLLIN) || !read_some(&writer->connection)) continue;
            double done = now();
            if (done >= start) {
                note(&times, done - writer->connection.began);
                bytes += writer->body.size - writer->body.head;
            }
            send_next(writer);
        }
    }
    double points = (double)times.count * rows * metrics;
    used = (processor_seconds() - used) / (seconds + 0.5);
    printf("%.0f %.0f %.1f %.1f %.2f %.3f\n", points / seconds, times.count / seconds, percentile(&times, 0.5), percentile(&times, 0.99), bytes / points, used);
    return 0;
}
