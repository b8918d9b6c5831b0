#pragma once

// What the Glibc module leaves out: readiness and wake-ups on Linux. Empty on other systems.
#ifdef __linux__
#include <sys/epoll.h>
#include <sys/eventfd.h>
#endif
