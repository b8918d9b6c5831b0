#if defined(__x86_64__)
#define CK_VL 8
#define CK_TILE_ROWS 6
#define CK_DOT_ROWS 2
#define CK_NAME(name) name##_avx2
#include <math.h>
#include "include/ck_table.h"
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi2"))), apply_to=function)
#include "kernels.h"
#pragma clang attribute pop
#endif
