// Chooses the widest instruction set that this processor has, once, before main.
#include "include/ck_table.h"

extern const ck_table ck_table_128;
#if defined(__x86_64__)
extern const ck_table ck_table_avx2, ck_table_avx512;
#endif

const ck_table *ck_chosen_table = &ck_table_128;
_Thread_local const ck_table *ck_thread_table = 0;
static int chosen = CK_PATH_128;

bool ck_path_available(int path) {
#if defined(__x86_64__)
    if (path == CK_PATH_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
    if (path == CK_PATH_AVX2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return path == CK_PATH_128;
}

const ck_table *ck_table_for(int path) {
    if (!ck_path_available(path)) return NULL;
#if defined(__x86_64__)
    if (path == CK_PATH_AVX512) return &ck_table_avx512;
    if (path == CK_PATH_AVX2) return &ck_table_avx2;
#endif
    return &ck_table_128;
}

bool ck_set_path(int path) {
    const ck_table *table = ck_table_for(path);
    if (!table) return false;
    ck_chosen_table = table;
    chosen = path;
    return true;
}

int ck_path(void) { return chosen; }
void ck_override_table(const ck_table *table) { ck_thread_table = table; }

__attribute__((constructor)) static void choose(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
#endif
    if (!ck_set_path(CK_PATH_AVX512)) ck_set_path(CK_PATH_AVX2);
}
