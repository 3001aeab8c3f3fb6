// LAPACK: only the symmetric eigenproblem is used. Its prototype is repeated here because the whole header drags in
// C's complex types, which Swift cannot import.
#ifndef LLOYD_CLAPACK_SHIM_H
#define LLOYD_CLAPACK_SHIM_H

int LAPACKE_ssyevd(int matrix_layout, char jobz, char uplo, int n, float *a, int lda, float *w);
int LAPACKE_dsyevd(int matrix_layout, char jobz, char uplo, int n, double *a, int lda, double *w);

enum { LLOYD_LAPACK_ROW_MAJOR = 101 };

#endif
