#pragma once
#include <stddef.h>
#include <stdint.h>

// Decodes JPEG by libjpeg's own interface, which tells warnings apart: bytes that belong to nothing are passed over,
// missing pixels are not.

enum { lloyd_jpeg_message_size = 256 };

/// 0: decoded. 1: damaged, or a kind that is not read. 2: no memory. `message` says why, in libjpeg's words.
///
/// `pixels` has room for width * height * channels bytes and gets them interleaved, row after row; channels is 1 (grey)
/// or 3 (RGB). A file that states another size is damaged.
int lloyd_jpeg_decode(
    const uint8_t *bytes, size_t count, uint8_t *pixels, uint32_t width, uint32_t height, int channels, char *message);
