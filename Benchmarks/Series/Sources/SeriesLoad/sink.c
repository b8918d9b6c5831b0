// A server that only takes batches: what exchanges of this kind cost on this machine by themselves, and with the disk waited for.
#define _GNU_SOURCE
#include "load.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { room = 1 << 20, most = 256 };

static const char answer[] =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    "{\"run\":\"00000000\",\"writer\":\"w\",\"sequence\":1000000,\"rows\":10,\"points\":80,\"duplicate\":false          }\n";

typedef struct {
    int fd;
    size_t got;
    char bytes[room];
} Client;

static int listen_on_free_port(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) || listen(fd, most) || getsockname(fd, (struct sockaddr *)&address, &size)) fail("listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static void admit(int listener, int epoll) {
    Client *client = malloc(sizeof *client);
    int one = 1;
    client->fd = accept4(listener, 0, 0, SOCK_NONBLOCK);
    client->got = 0;
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {EPOLLIN, {.ptr = client}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, client->fd, &event);
}

// The length of the request that has come whole; 0 while it has not, or is none.
static size_t whole(Client *client) {
    char *end = memmem(client->bytes, client->got, "\r\n\r\n", 4);
    char *length = end ? memmem(client->bytes, client->got, "Content-Length: ", 16) : 0;
    size_t size = length ? end + 4 - client->bytes + atol(length + 16) : 0;
    return size <= client->got ? size : 0;
}

// Takes what comes until it is killed. With a file: all requests of one turn are appended to it and synced before they are answered.
int sink(const char *path) {
    int listener = listen_on_free_port(), epoll = epoll_create1(0), file = path ? open(path, O_RDWR | O_CREAT | O_TRUNC, 0600) : -1;
    if (path && file < 0) fail(path);
    struct epoll_event event = {EPOLLIN, {.ptr = 0}}, events[most];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        Client *answered[most];
        int ready = epoll_wait(epoll, events, most, -1), count = 0;
        for (int i = 0; i < ready; i++) {
            Client *client = events[i].data.ptr;
            if (!client) { admit(listener, epoll); continue; }
            ssize_t n = recv(client->fd, client->bytes + client->got, room - client->got, 0);
            if (n <= 0) { close(client->fd); free(client); continue; }
            client->got += n;
            size_t size = whole(client);
            if (!size) continue;
            if (file >= 0 && write(file, client->bytes, size) != (ssize_t)size) fail("write");
            client->got = 0;
            answered[count++] = client;
        }
        if (file >= 0 && count && fdatasync(file)) fail("fdatasync");
        for (int i = 0; i < count; i++) send(answered[i]->fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
    }
}
