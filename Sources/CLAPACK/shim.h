// LAPACK: only the symmetric eigenproblem is used. The library is loaded by the program when the first one is to be solved, and not
// with the program: OpenBLAS, where that is the LAPACK at hand, maps some hundred megabytes as it is loaded and tries forever if a
// limit (ulimit -d, ulimit -v) does not let it; and it reads the number of its threads from the environment then.
#ifndef LLOYD_CLAPACK_SHIM_H
#define LLOYD_CLAPACK_SHIM_H

#include <dlfcn.h>
#include <stdlib.h>

typedef int (*lloyd_ssyevd)(int layout, char jobz, char uplo, int n, float *a, int lda, float *w);

enum { LLOYD_LAPACK_ROW_MAJOR = 101 };

// LAPACKE's ssyevd on one thread, or null; `lloyd_lapack_problem` then says why. To be called once, by one thread.
static inline lloyd_ssyevd lloyd_lapack_load(void) {
    // Results would depend on the number of threads.
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    void *library = dlopen("liblapacke.so.3", RTLD_NOW | RTLD_GLOBAL);
    if (!library) library = dlopen("liblapacke.so", RTLD_NOW | RTLD_GLOBAL);
    if (!library) return 0;
    void (*set_threads)(int) = (void (*)(int))dlsym(library, "openblas_set_num_threads");
    if (set_threads) set_threads(1);
    return (lloyd_ssyevd)dlsym(library, "LAPACKE_ssyevd");
}

static inline const char *lloyd_lapack_problem(void) { return dlerror(); }

#endif
