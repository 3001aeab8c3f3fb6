import CSpng
import Foundation

extension Image {
    /// The image as a PNG file of 8 bits a sample, gray or RGB; samples are rounded and clamped to 0...1.
    public func pngData() -> Data {
        // The encoder fails only if there is no memory or the arguments are wrong; a caller can do nothing about either.
        guard let context = spng_ctx_new(Int32(SPNG_CTX_ENCODER.rawValue)) else { fatalError("out of memory") }
        defer { spng_ctx_free(context) }
        func check(_ status: Int32) {
            precondition(status == 0, "libspng did not encode: \(String(cString: spng_strerror(status)))")
        }
        check(spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1))
        let type = channels == 1 ? SPNG_COLOR_TYPE_GRAYSCALE : SPNG_COLOR_TYPE_TRUECOLOR
        var header = spng_ihdr(
            width: UInt32(width), height: UInt32(height), bit_depth: 8, color_type: UInt8(type.rawValue),
            compression_method: 0, filter_method: 0, interlace_method: 0)
        check(spng_set_ihdr(context, &header))
        let bytes = interleavedBytes()
        check(
            spng_encode_image(
                context, bytes, bytes.count, Int32(SPNG_FMT_PNG.rawValue), Int32(SPNG_ENCODE_FINALIZE.rawValue)))
        var length = 0
        var status: Int32 = 0
        guard let encoded = spng_get_png_buffer(context, &length, &status) else {
            fatalError("libspng gave no file: \(String(cString: spng_strerror(status)))")
        }
        return Data(bytesNoCopy: encoded, count: length, deallocator: .free)
    }

    /// Writes `pngData()` to a file, completely or not at all.
    /// - Throws: `LloydError` if the file cannot be written.
    public func writePNG(to path: String) throws { try OutputFile.write(pngData(), to: path) }

    /// The image as a binary PGM (gray) or PPM (RGB) file of 8 bits a sample, rounded and clamped as `pngData()`.
    public func pnmData() -> Data {
        var data = Data("P\(channels == 1 ? 5 : 6)\n\(width) \(height)\n255\n".utf8)
        data.append(contentsOf: interleavedBytes())
        return data
    }

    /// Writes `pnmData()` to a file, completely or not at all.
    /// - Throws: `LloydError` if the file cannot be written.
    public func writePNM(to path: String) throws { try OutputFile.write(pnmData(), to: path) }
}
