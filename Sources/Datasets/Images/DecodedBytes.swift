import Foundation
import Numerics

/// Memory for decoded pixels. If there is none, that is an error: one of Swift's arrays would end the program.
final class DecodedBytes {
    let start: UnsafeMutablePointer<UInt8>
    let count: Int

    /// - Throws: `LloydError` naming the image.
    init(_ count: Int, path: String) throws {
        guard let start = calloc(max(count, 1), 1) else { throw ImageHeader.noMemory(path, "the system refuses it") }
        self.start = start.assumingMemoryBound(to: UInt8.self)
        self.count = count
    }

    deinit { free(start) }

    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }
}

extension ImageHeader {
    /// The stored size: width and height before the image is turned upright.
    var storedSize: (width: Int, height: Int) { orientation.swapsSides ? (height, width) : (width, height) }

    /// The header of an image that is to be turned.
    func turned(_ orientation: Orientation?) -> ImageHeader {
        guard let orientation, orientation != .upright else { return self }
        let sides = orientation.swapsSides ? (height, width) : (width, height)
        return ImageHeader(
            format: format, width: sides.0, height: sides.1, channels: channels, bits: bits, orientation: orientation)
    }

    /// Bytes that decoding takes at most: the decoder's, the interleaved pixels, the samples, those of the turned image,
    /// and as much again for what is done with it.
    var decodingBytes: Int {
        let samples = width * height * channels
        return samples * 2 + width * height * 4 * (bits > 8 ? 2 : 1) + samples * 4 * (orientation == .upright ? 2 : 3)
    }

    /// - Parameter size: bytes of the file.
    /// - Throws: `LloydError` for a size that the file cannot hold, or that memory cannot.
    func requireRoom(path: String, size: Int) throws {
        // No format holds more pixels in a byte: deflate's best is 1032 bytes, Huffman-coded JPEG has a bit a block at
        // least, of at most 16 times 64 pixels; plain and raw maps are compared with the file by their decoder.
        let most: Int =
            switch format {
            case .png: (size + 64) * 1032 * 8 / bits
            case .jpeg: (size + 64) * 8192 * 16
            case .pnm: size
            }
        guard width * height <= most else {
            throw LloydError(
                path: path, problem: "is cut short or damaged: \(size) bytes cannot hold \(width)x\(height) pixels",
                remedy: "copy or make the file again", kind: .damaged)
        }
        if let reason = MemoryLimit.shortage(of: decodingBytes + size) {
            throw Self.noMemory(path, "\(width)x\(height) pixels take \((decodingBytes + size) >> 20) MB; \(reason)")
        }
    }

    static func noMemory(_ path: String, _ reason: String) -> LloydError {
        LloydError(
            path: path, problem: "does not fit into memory (\(reason))",
            remedy: "raise the limit, give the job more memory, or make the image smaller", kind: .unavailable)
    }
}
