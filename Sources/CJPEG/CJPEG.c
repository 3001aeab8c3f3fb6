#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>

// A progressive file may say the same thing again and again: 500 scans are far more than any encoder writes.
enum { most_scans = 500 };

struct failure {
    struct jpeg_error_mgr manager;
    jmp_buf back;
    char *message;
};

static void stop(j_common_ptr info) {
    struct failure *failure = (struct failure *)info->err;
    char text[JMSG_LENGTH_MAX];
    info->err->format_message(info, text);
    snprintf(failure->message, lloyd_jpeg_message_size, "%s", text);
    longjmp(failure->back, 1);
}

static void warn(j_common_ptr info, int level) {
    if (level >= 0) return;
    switch (info->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA: // stray bytes between segments, or behind the last pixel
    case JWRN_JFIF_MAJOR:      // another version of JFIF
    case JWRN_ADOBE_XFORM:     // an unknown color transform: the usual one is taken
    case JWRN_BOGUS_ICC:       // profiles are not applied
    case JWRN_NOT_SEQUENTIAL:  // parameters that a sequential scan does not use
        return;
    default: stop(info);
    }
}

static void say_nothing(j_common_ptr info) { (void)info; }

static void count_scans(j_common_ptr info) {
    if (info->is_decompressor && ((j_decompress_ptr)info)->input_scan_number > most_scans) {
        struct failure *failure = (struct failure *)info->err;
        snprintf(failure->message, lloyd_jpeg_message_size, "more than %d scans", most_scans);
        longjmp(failure->back, 1);
    }
}

int lloyd_jpeg_decode(
    const uint8_t *bytes, size_t count, uint8_t *pixels, uint32_t width, uint32_t height, int channels,
    char *message) {
    struct jpeg_decompress_struct info = {0};
    struct jpeg_progress_mgr progress = {0};
    struct failure failure = {.message = message};
    message[0] = 0;
    info.err = jpeg_std_error(&failure.manager);
    failure.manager.error_exit = stop;
    failure.manager.emit_message = warn;
    failure.manager.output_message = say_nothing;
    if (setjmp(failure.back)) {
        int code = failure.manager.msg_code == JERR_OUT_OF_MEMORY ? 2 : 1;
        jpeg_destroy_decompress(&info);
        return code;
    }
    jpeg_create_decompress(&info);
    progress.progress_monitor = count_scans;
    info.progress = &progress;
    jpeg_mem_src(&info, bytes, count);
    jpeg_read_header(&info, TRUE);
    if (info.image_width != width || info.image_height != height) {
        snprintf(message, lloyd_jpeg_message_size, "it states two sizes");
        jpeg_destroy_decompress(&info);
        return 1;
    }
    info.out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    info.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&info);
    if (info.output_components != channels || info.output_width != width) {
        snprintf(message, lloyd_jpeg_message_size, "it decodes to %d components", info.output_components);
        jpeg_destroy_decompress(&info);
        return 1;
    }
    while (info.output_scanline < height) {
        JSAMPROW row = pixels + (size_t)info.output_scanline * width * (size_t)channels;
        jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
    return 0;
}
