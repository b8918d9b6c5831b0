#if defined(__x86_64__)
#define CK_VL 16
#define CK_TILE_ROWS 12
#define CK_DOT_ROWS 6
#define CK_NAME(name) name##_avx512
#include <math.h>
#include "include/ck_table.h"
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,bmi2"))), apply_to=function)
#include "kernels.h"
#pragma clang attribute pop
#endif
