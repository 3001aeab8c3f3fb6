#include "CProcessorCheck.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int lloyd_compiled_level(void) { return LLOYD_CPU_LEVEL; }

int lloyd_processor_level(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return 4;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
        __builtin_cpu_supports("bmi2"))
        return 3;
    return __builtin_cpu_supports("sse4.2") ? 2 : 1;
#else
    return 1;
#endif
}

// Runs before Swift's code. This file itself is compiled for the oldest x86-64 processor.
__attribute__((constructor)) static void lloyd_check_processor(void) {
    int have = lloyd_processor_level();
    if (have >= LLOYD_CPU_LEVEL) return;
    fprintf(stderr,
            "lloyd: this binary was compiled for x86-64-v%d, but this processor has only x86-64-v%d.\n"
            "  Remedy: build on the oldest machine of the cluster, or build once for all of them with\n"
            "    LLOYD_CPU=portable Launch/build\n",
            LLOYD_CPU_LEVEL, have);
    _exit(1);
}
