// LAPACK: only the symmetric eigenproblem is used. Its prototype is repeated here because the whole header drags in
// C's complex types, which Swift cannot import.
#ifndef LLOYD_CLAPACK_SHIM_H
#define LLOYD_CLAPACK_SHIM_H

int LAPACKE_ssyevd(int matrix_layout, char jobz, char uplo, int n, float *a, int lda, float *w);
int LAPACKE_dsyevd(int matrix_layout, char jobz, char uplo, int n, double *a, int lda, double *w);

#include <dlfcn.h>

// OpenBLAS, where that is the LAPACK at hand, computes on all cores unless told otherwise, and its results depend on how many
// those are. A null handle stands for all libraries of the program (RTLD_DEFAULT). OPENBLAS_NUM_THREADS is read when the library is loaded, too early for the program to set it.
static inline void lloyd_lapack_use_one_thread(void) {
    void (*set_threads)(int) = (void (*)(int))dlsym((void *)0, "openblas_set_num_threads");
    if (set_threads) set_threads(1);
}

enum { LLOYD_LAPACK_ROW_MAJOR = 101 };

#endif
