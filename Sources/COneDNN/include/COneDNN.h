// The part of oneDNN that Lloyd calls, behind functions that stay the same in versions 2 and 3 of the library.
#ifndef LLOYD_CONEDNN_H
#define LLOYD_CONEDNN_H

#include <stdint.h>

/// C = alpha op(A) op(B) + beta C, row-major, on the calling thread alone. `transa`, `transb`: 'N' or 'T'.
/// Returns oneDNN's status; 0 is success.
int lloyd_dnnl_sgemm(char transa, char transb, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
                     int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc);

/// The library's version as major * 10000 + minor * 100 + patch.
int lloyd_dnnl_version(void);

/// The instruction set that oneDNN will use on this processor, such as "AVX2".
const char *lloyd_dnnl_isa(void);

#endif
