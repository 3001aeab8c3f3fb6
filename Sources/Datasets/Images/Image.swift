/// A picture as planar samples between 0 (black) and 1 (white), gray or RGB.
///
///     let image = try Image(path: "kodim01.png").gray()
///     let small = image.resized(width: 96, height: 64)
///     try small.writePNG(to: "small.png")
///     small[0, 10, 20]                              // channel 0, row 10, column 20
///
/// Samples are stored plane after plane, in each row after row from the top. Values outside 0...1 (a quantizer's
/// reconstruction, a resize that overshoots) are kept; encoding to a file clamps them.
public struct Image: Sendable, Equatable {
    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// 1 (gray) or 3 (red, green, blue).
    public let channels: Int
    /// width * height * channels samples, plane after plane.
    public var samples: [Float]

    /// - Parameters:
    ///   - width: pixels in a row, at least 1.
    ///   - height: rows, at least 1.
    ///   - channels: 1 (gray) or 3 (RGB).
    ///   - samples: width * height * channels samples, plane after plane.
    public init(width: Int, height: Int, channels: Int, samples: [Float]) {
        precondition(width > 0 && height > 0 && (channels == 1 || channels == 3), "\(width)x\(height)x\(channels)")
        precondition(samples.count == width * height * channels, "\(samples.count) samples")
        self.width = width
        self.height = height
        self.channels = channels
        self.samples = samples
    }

    /// The image that a vector of a source stands for.
    public init(_ vector: some Collection<Float>, shape: ImageShape) {
        self.init(width: shape.width, height: shape.height, channels: shape.channels, samples: Array(vector))
    }

    /// Width, height and channels.
    public var shape: ImageShape { ImageShape(width: width, height: height, channels: channels) }

    /// One sample; rows are counted from the top.
    public subscript(channel: Int, row: Int, column: Int) -> Float {
        get { samples[(channel * height + row) * width + column] }
        set { samples[(channel * height + row) * width + column] = newValue }
    }

    /// The gray image: luma of Rec. 601, 0.299 R + 0.587 G + 0.114 B. A gray image is returned as it is.
    public func gray() -> Image {
        guard channels == 3 else { return self }
        let plane = width * height
        let luma = [Float](unsafeUninitializedCapacity: plane) { luma, filled in
            samples.withUnsafeBufferPointer { samples in
                let (red, green, blue) = (
                    samples.baseAddress!, samples.baseAddress! + plane, samples.baseAddress! + 2 * plane
                )
                for index in 0..<plane {
                    luma[index] = 0.299 * red[index] + 0.587 * green[index] + 0.114 * blue[index]
                }
            }
            filled = plane
        }
        return Image(width: width, height: height, channels: 1, samples: luma)
    }

    /// The image with three planes; a gray image's plane is repeated.
    public func rgb() -> Image {
        guard channels == 1 else { return self }
        return Image(width: width, height: height, channels: 3, samples: samples + samples + samples)
    }

    /// The samples as bytes, interleaved (R G B R G B ...), rounded to the nearest of 0...255, clamped; NaN becomes 0.
    public func interleavedBytes() -> [UInt8] {
        let plane = width * height
        return [UInt8](unsafeUninitializedCapacity: samples.count) { bytes, filled in
            samples.withUnsafeBufferPointer { samples in
                for channel in 0..<channels {
                    let source = samples.baseAddress! + channel * plane
                    let target = bytes.baseAddress! + channel
                    for index in 0..<plane {
                        let scaled = source[index] * 255
                        target[index * channels] = scaled > 0 ? UInt8(min(scaled, 255).rounded()) : 0
                    }
                }
            }
            filled = samples.count
        }
    }
}

/// From interleaved integers, as decoders give them, to planar samples.
enum Samples {
    /// byte / 255 for every byte.
    static let ofByte: [Float] = (0..<256).map { Float($0) / 255 }

    /// Planar samples from interleaved bytes of which the first `channels` of every `stride` count.
    static func planar(
        _ bytes: UnsafeBufferPointer<UInt8>, count plane: Int, channels: Int, stride: Int
    ) -> [Float] {
        precondition(bytes.count >= plane * stride)
        return [Float](unsafeUninitializedCapacity: plane * channels) { samples, filled in
            ofByte.withUnsafeBufferPointer { buffer in
                let table = buffer.baseAddress!
                let (source, target) = (bytes.baseAddress!, samples.baseAddress!)
                if channels == 3 && stride == 3 {
                    // One pass over the bytes of the commonest kind: they are read once, not three times.
                    for index in 0..<plane {
                        target[index] = table[Int(source[3 &* index])]
                        target[plane &+ index] = table[Int(source[3 &* index &+ 1])]
                        target[2 &* plane &+ index] = table[Int(source[3 &* index &+ 2])]
                    }
                } else {
                    for channel in 0..<channels {
                        let (source, target) = (source + channel, target + channel * plane)
                        for index in 0..<plane { target[index] = table[Int(source[index &* stride])] }
                    }
                }
            }
            filled = plane * channels
        }
    }

    /// The same from 16-bit integers, each divided by `maximum`.
    static func planar(
        _ words: UnsafeBufferPointer<UInt16>, count plane: Int, channels: Int, stride: Int, maximum: Float
    ) -> [Float] {
        precondition(words.count >= plane * stride)
        return [Float](unsafeUninitializedCapacity: plane * channels) { samples, filled in
            for channel in 0..<channels {
                let source = words.baseAddress! + channel
                let target = samples.baseAddress! + channel * plane
                for index in 0..<plane { target[index] = Float(source[index * stride]) / maximum }
            }
            filled = plane * channels
        }
    }
}
