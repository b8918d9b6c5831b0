// A load generator for HTTP/1.1 on one thread: the same for every server under test.
//
//   LoadGenerator load PORT CONNECTIONS SECONDS METHOD PATH BODY_BYTES   → requests/s, MB/s, p50 and p99 in µs
//   LoadGenerator idle PORT CONNECTIONS PID                              → bytes of the server's memory for each idle connection
//   LoadGenerator start SERVER                                           → ms from starting the program to its first answer
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    int fd;
    size_t sent;          // of the request
    size_t got;           // bytes in head
    long left;            // of the response's body; -1 while in the head
    double began;
    char head[4096];
} Connection;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int dial(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) < 0) {
        if (fd >= 0) close(fd);
        return -1;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static char *request;
static size_t request_size;
static uint32_t *latencies;
static size_t answers, capacity = 1 << 24;

static void make_request(const char *method, const char *path, size_t body) {
    request = malloc(512 + body);
    int n = body ? sprintf(request, "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n\r\n", method, path, body)
                 : sprintf(request, "%s %s HTTP/1.1\r\nHost: localhost\r\n\r\n", method, path);
    memset(request + n, 'x', body);
    request_size = n + body;
}

static void write_some(Connection *c) {
    while (c->sent < request_size) {
        ssize_t n = send(c->fd, request + c->sent, request_size - c->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) fail("send");
        c->sent += n;
    }
}

static void begin(Connection *c) {
    c->sent = c->got = 0;
    c->left = -1;
    c->began = now();
    write_some(c);
}

// Returns whether a response is complete.
static int read_some(Connection *c) {
    for (;;) {
        char drop[65536];
        ssize_t n = c->left < 0 ? recv(c->fd, c->head + c->got, sizeof c->head - 1 - c->got, 0) : recv(c->fd, drop, sizeof drop, 0);
        if (n < 0 && errno == EAGAIN) return 0;
        if (n <= 0) fail("the server closed the connection");
        if (c->left < 0) {
            c->got += n;
            c->head[c->got] = 0;
            char *end = strstr(c->head, "\r\n\r\n");
            if (!end) continue;
            if (strncmp(c->head + 9, "200", 3)) { fprintf(stderr, "answer: %.60s\n", c->head); exit(1); }
            char *length = strcasestr(c->head, "content-length:");
            if (!length || length > end) { fprintf(stderr, "no Content-Length\n"); exit(1); }
            c->left = atol(length + 15) - (c->got - (end + 4 - c->head));
        } else {
            c->left -= n;
        }
        if (c->left == 0) return 1;
    }
}

static int ascending(const void *a, const void *b) {
    return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
}

static void load(int port, int count, double seconds) {
    int epoll = epoll_create1(0);
    Connection *all = calloc(count, sizeof *all);
    latencies = malloc(capacity * sizeof *latencies);
    for (int i = 0; i < count; i++) {
        if ((all[i].fd = dial(port)) < 0) fail("connect");
        fcntl(all[i].fd, F_SETFL, O_NONBLOCK);
        struct epoll_event e = {EPOLLIN | EPOLLOUT | EPOLLET, {.ptr = &all[i]}};
        epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].fd, &e);
        begin(&all[i]);
    }
    double start = now() + 0.5, end = start + seconds;     // half a second to warm up
    struct epoll_event events[256];
    for (double t = now(); t < end; t = now()) {
        int n = epoll_wait(epoll, events, 256, 100);
        for (int i = 0; i < n; i++) {
            Connection *c = events[i].data.ptr;
            if (c->sent < request_size) write_some(c);
            if (!(events[i].events & EPOLLIN) || !read_some(c)) continue;
            double done = now();
            if (done >= start && answers < capacity) latencies[answers++] = (done - c->began) * 1e6;
            begin(c);
        }
    }
    if (!answers) { fprintf(stderr, "no answers\n"); exit(1); }
    qsort(latencies, answers, sizeof *latencies, ascending);
    printf("%.0f %.1f %u %u\n", answers / seconds, answers * (double)request_size / seconds / 1e6, latencies[answers / 2], latencies[answers * 99 / 100]);
}

static long resident(int pid) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "r");
    long kb = 0;
    while (file && fgets(line, sizeof line, file)) if (!strncmp(line, "RssAnon:", 8)) kb = atol(line + 8);
    if (file) fclose(file);
    return kb * 1024;
}

static void idle(int port, int count, int pid) {
    Connection *all = calloc(count, sizeof *all);
    for (int round = 0; round < 2; round++) {
        // The first hundred pay for what is there once.
        int from = round ? 100 : 0, to = round ? count : 100;
        long before = resident(pid);
        for (int i = from; i < to; i++) {
            if ((all[i].fd = dial(port)) < 0) fail("connect");
            begin(&all[i]);
            while (!read_some(&all[i])) {}
        }
        usleep(300000);
        if (round) printf("%ld\n", (resident(pid) - before) / (to - from));
    }
}

static void start(const char *server) {
    int port = 20000 + getpid() % 12000;     // below the ports that the system hands out
    char text[16];
    snprintf(text, sizeof text, "%d", port);
    double began = now();
    pid_t pid = fork();
    if (!pid) {
        freopen("/dev/null", "w", stdout);
        execl(server, server, text, NULL);
        _exit(1);
    }
    Connection c;
    while ((c.fd = dial(port)) < 0) {
        if (now() - began > 5) fail("the server does not start");
        usleep(200);
    }
    begin(&c);
    while (!read_some(&c)) {}
    printf("%.1f\n", (now() - began) * 1e3);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

int main(int argc, char **argv) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    make_request("GET", "/small", 0);
    if (argc == 8 && !strcmp(argv[1], "load")) {
        make_request(argv[5], argv[6], atol(argv[7]));
        load(atoi(argv[2]), atoi(argv[3]), atof(argv[4]));
    } else if (argc == 5 && !strcmp(argv[1], "idle")) {
        idle(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
    } else if (argc == 3 && !strcmp(argv[1], "start")) {
        start(argv[2]);
    } else {
        fprintf(stderr, "usage: see the top of main.c\n");
        return 2;
    }
    return 0;
}
