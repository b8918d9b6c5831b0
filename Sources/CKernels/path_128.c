// SSE on x86-64, NEON on 64-bit ARM: what every machine has.
#define CK_VL 4
#if defined(__aarch64__)
#define CK_TILE_ROWS 12      // 32 vector registers
#else
#define CK_TILE_ROWS 6
#endif
#define CK_DOT_ROWS 2
#define CK_NAME(name) name##_128
#include "kernels.h"
