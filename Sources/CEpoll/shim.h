#pragma once

// What the Glibc module leaves out: readiness and wake-ups on Linux. Empty on other systems.
#ifdef __linux__
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// Declared by the C library for programs that ask for GNU extensions only.
int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
#endif
