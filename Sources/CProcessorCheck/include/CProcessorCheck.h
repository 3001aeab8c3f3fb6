// Refuses to start on a processor that lacks the instructions this binary was compiled for.
#ifndef LLOYD_CPROCESSORCHECK_H
#define LLOYD_CPROCESSORCHECK_H

/// The x86-64 level this binary was compiled for: 1 (portable), 3 (AVX2) or 4 (AVX-512).
int lloyd_compiled_level(void);

/// The highest x86-64 level of this processor: 1, 2, 3 or 4; 1 on other architectures.
int lloyd_processor_level(void);

#endif
