#define _GNU_SOURCE
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

// SplitMix64: seeded, so that every machine measures the same data.
uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

double unit(uint64_t *state) { return (next_random(state) >> 11) * 0x1p-53; }

void fail(const char *what) {
    perror(what);
    exit(1);
}

void note(Times *times, double seconds) {
    if (times->count == times->capacity) {
        times->capacity = times->capacity ? 2 * times->capacity : 1 << 16;
        times->values = realloc(times->values, times->capacity * sizeof *times->values);
    }
    times->values[times->count++] = seconds * 1e6;
}

static int ascending(const void *a, const void *b) {
    float left = *(const float *)a, right = *(const float *)b;
    return (left > right) - (left < right);
}

double percentile(Times *times, double part) {
    if (!times->count) return 0;
    qsort(times->values, times->count, sizeof *times->values, ascending);
    return times->values[(size_t)(part * (times->count - 1))];
}

int dial(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

void begin(Connection *connection) {
    connection->sent = connection->got = connection->whole = 0;
    connection->began = now();
}

int write_some(Connection *connection) {
    while (connection->sent < connection->size) {
        ssize_t n = send(connection->fd, connection->request + connection->sent, connection->size - connection->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) return 0;
        if (n <= 0) fail("send");
        connection->sent += n;
    }
    return 1;
}

static void read_head(Connection *connection) {
    char *end = strstr(connection->answer, "\r\n\r\n");
    if (!end) return;
    if (connection->answer[9] != '2') {
        fprintf(stderr, "answer: %.600s\n", connection->answer);
        exit(1);
    }
    char *length = strcasestr(connection->answer, "content-length:");
    if (!length || length > end) {
        fprintf(stderr, "no Content-Length in: %.200s\n", connection->answer);
        exit(1);
    }
    connection->whole = end + 4 - connection->answer + atol(length + 15);
}

int read_some(Connection *connection) {
    for (;;) {
        if (connection->got + 65536 > connection->capacity) {
            connection->capacity = 2 * connection->capacity + 131072;
            connection->answer = realloc(connection->answer, connection->capacity);
        }
        ssize_t n = recv(connection->fd, connection->answer + connection->got, connection->capacity - connection->got - 1, 0);
        if (n < 0 && errno == EAGAIN) return 0;
        if (n <= 0) fail("the server closed the connection");
        connection->got += n;
        connection->answer[connection->got] = 0;
        if (!connection->whole) read_head(connection);
        if (connection->whole && connection->got >= connection->whole) return 1;
    }
}

void exchange(Connection *connection) {
    begin(connection);
    write_some(connection);
    read_some(connection);
}
