// SSE on x86-64, NEON on 64-bit ARM: what every machine has.
#define CK_VL 4
#define CK_NAME(name) name##_128
#include "kernels.h"
