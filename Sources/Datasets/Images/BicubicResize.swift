import Foundation

extension Image {
    /// The image at another size, by bicubic interpolation.
    ///
    /// The kernel is Keys' with a = -0.5. When an axis shrinks the kernel is widened by the same factor, so that what
    /// the small image cannot show is averaged instead of aliased; beyond the border the kernel is cut and its rest
    /// scaled to sum 1. This is what Pillow's BICUBIC does on 32-bit floats, and MATLAB's imresize away from borders.
    /// Results may overshoot 0...1 beside edges.
    ///
    /// Source: Keys, "Cubic convolution interpolation for digital image processing", 1981.
    public func resized(width newWidth: Int, height newHeight: Int) -> Image {
        precondition(newWidth > 0 && newHeight > 0, "\(newWidth)x\(newHeight)")
        guard newWidth != width || newHeight != height else { return self }
        let across = BicubicWeights(from: width, to: newWidth)
        let down = BicubicWeights(from: height, to: newHeight)
        var result = [Float](repeating: 0, count: newWidth * newHeight * channels)
        var narrow = [Float](repeating: 0, count: newWidth * height)
        var sums = [Double](repeating: 0, count: newWidth)
        samples.withUnsafeBufferPointer { samples in
            for channel in 0..<channels {
                narrow.withUnsafeMutableBufferPointer { narrow in
                    for row in 0..<height {
                        across.apply(
                            to: samples.baseAddress! + (channel * height + row) * width,
                            result: narrow.baseAddress! + row * newWidth)
                    }
                    result.withUnsafeMutableBufferPointer { result in
                        sums.withUnsafeMutableBufferPointer { sums in
                            for row in 0..<newHeight {
                                down.apply(
                                    row: row, to: narrow.baseAddress!, width: newWidth, sums: sums.baseAddress!,
                                    result: result.baseAddress! + (channel * newHeight + row) * newWidth)
                            }
                        }
                    }
                }
            }
        }
        return Image(width: newWidth, height: newHeight, channels: channels, samples: result)
    }
}

/// For every position of a resized axis, which old positions count and how much.
struct BicubicWeights {
    private let starts: [Int]
    private let counts: [Int]
    /// `taps` weights a position, of which `counts` are used.
    private let weights: [Double]
    private let taps: Int

    init(from old: Int, to new: Int) {
        let step = Double(old) / Double(new)
        let widening = max(step, 1)
        let support = 2 * widening
        taps = Int(support.rounded(.up)) * 2 + 1
        var starts: [Int] = []
        var counts: [Int] = []
        var weights = [Double](repeating: 0, count: new * taps)
        for position in 0..<new {
            let center = (Double(position) + 0.5) * step
            let first = max(0, Int(center - support + 0.5))
            let last = min(old, Int(center + support + 0.5))
            var sum = 0.0
            for index in first..<last {
                let weight = Self.kernel((Double(index) - center + 0.5) / widening)
                weights[position * taps + index - first] = weight
                sum += weight
            }
            for index in first..<last { weights[position * taps + index - first] /= sum }
            starts.append(first)
            counts.append(last - first)
        }
        self.starts = starts
        self.counts = counts
        self.weights = weights
    }

    /// Keys' cubic with a = -0.5.
    private static func kernel(_ offset: Double) -> Double {
        let x = abs(offset)
        if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
        if x < 2 { return ((-0.5 * x + 2.5) * x - 4) * x + 2 }
        return 0
    }

    /// Resizes one row.
    func apply(to row: UnsafePointer<Float>, result: UnsafeMutablePointer<Float>) {
        weights.withUnsafeBufferPointer { weights in
            for position in starts.indices {
                let weight = weights.baseAddress! + position * taps
                let source = row + starts[position]
                var sum = 0.0
                for tap in 0..<counts[position] { sum += Double(source[tap]) * weight[tap] }
                result[position] = Float(sum)
            }
        }
    }

    /// One row of the image whose columns are resized; `sums` is scratch of `width` numbers.
    func apply(
        row position: Int, to plane: UnsafePointer<Float>, width: Int, sums: UnsafeMutablePointer<Double>,
        result: UnsafeMutablePointer<Float>
    ) {
        for column in 0..<width { sums[column] = 0 }
        for tap in 0..<counts[position] {
            let weight = weights[position * taps + tap]
            let source = plane + (starts[position] + tap) * width
            for column in 0..<width { sums[column] += Double(source[column]) * weight }
        }
        for column in 0..<width { result[column] = Float(sums[column]) }
    }
}
