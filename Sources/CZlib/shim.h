// CRC-32 and Deflate, unchanged.
#include <zlib.h>
