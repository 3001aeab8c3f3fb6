extension WinogradConvolution {
    /// G w G^T of `count` pairs of channels: 36 matrices, `stride` apart, from 9 that follow one another.
    func transformWeights(
        _ weights: UnsafePointer<Float>, count: Int, stride: Int, into points: UnsafeMutablePointer<Float>
    ) {
        withUnsafeTemporaryAllocation(of: Lanes.self, capacity: MinimalFiltering.products) { memory in
            let work = memory.baseAddress!
            forEachRegister(of: count) { pair, access in
                Self.transformWeights(weights + pair, count, points + pair, stride, work, access)
            } part: { pair, access in
                Self.transformWeights(weights + pair, count, points + pair, stride, work, access)
            }
        }
    }

    @inline(__always)
    private static func transformWeights<Access: LaneAccess>(
        _ weights: UnsafePointer<Float>, _ count: Int, _ points: UnsafeMutablePointer<Float>, _ stride: Int,
        _ work: UnsafeMutablePointer<Lanes>, _ access: Access
    ) {
        for x in 0..<3 {
            let from = weights + x &* count
            let u = MinimalFiltering.weights(
                access.read(from), access.read(from + 3 &* count), access.read(from + 6 &* count))
            (work[x], work[x &+ 3], work[x &+ 6]) = (u.0, u.1, u.2)
            (work[x &+ 9], work[x &+ 12], work[x &+ 15]) = (u.3, u.4, u.5)
        }
        var to = points
        for y in 0..<6 {
            let u = MinimalFiltering.weights(work[3 &* y], work[3 &* y &+ 1], work[3 &* y &+ 2])
            access.write(u.0, to: to)
            access.write(u.1, to: to + stride)
            access.write(u.2, to: to + 2 &* stride)
            access.write(u.3, to: to + 3 &* stride)
            access.write(u.4, to: to + 4 &* stride)
            access.write(u.5, to: to + 5 &* stride)
            to += 6 &* stride
        }
    }

    /// G^T u G of `count` pairs of channels: the 9 gradients of the taps.
    func transformWeightGradient(
        _ points: UnsafePointer<Float>, count: Int, stride: Int, into gradient: UnsafeMutablePointer<Float>,
        accumulate: Bool
    ) {
        withUnsafeTemporaryAllocation(of: Lanes.self, capacity: MinimalFiltering.products) { memory in
            let work = memory.baseAddress!
            forEachRegister(of: count) { pair, access in
                Self.transformWeightGradient(points + pair, stride, gradient + pair, count, accumulate, work, access)
            } part: { pair, access in
                Self.transformWeightGradient(points + pair, stride, gradient + pair, count, accumulate, work, access)
            }
        }
    }

    @inline(__always)
    private static func transformWeightGradient<Access: LaneAccess>(
        _ points: UnsafePointer<Float>, _ stride: Int, _ gradient: UnsafeMutablePointer<Float>, _ count: Int,
        _ accumulate: Bool, _ work: UnsafeMutablePointer<Lanes>, _ access: Access
    ) {
        var from = points
        for x in 0..<6 {
            let w = MinimalFiltering.weightGradient(
                access.read(from), access.read(from + 6 &* stride), access.read(from + 12 &* stride),
                access.read(from + 18 &* stride), access.read(from + 24 &* stride), access.read(from + 30 &* stride))
            (work[x], work[x &+ 6], work[x &+ 12]) = (w.0, w.1, w.2)
            from += stride
        }
        var to = gradient
        for y in 0..<3 {
            let line = work + 6 &* y
            var w = MinimalFiltering.weightGradient(line[0], line[1], line[2], line[3], line[4], line[5])
            if accumulate {
                w.0 += access.read(to)
                w.1 += access.read(to + count)
                w.2 += access.read(to + 2 &* count)
            }
            access.write(w.0, to: to)
            access.write(w.1, to: to + count)
            access.write(w.2, to: to + 2 &* count)
            to += 3 &* count
        }
    }

    /// Each of the 9 inputs x outputs matrices of the weights as outputs x inputs.
    func transposeWeights(_ weights: UnsafePointer<Float>, into transposed: UnsafeMutablePointer<Float>) {
        let side = 16
        for tap in 0..<9 {
            let (from, to) = (weights + tap * inputs * outputs, transposed + tap * inputs * outputs)
            // Squares of 16 x 16 stay in the first cache, and fill whole cache lines.
            for top in Swift.stride(from: 0, to: inputs, by: side) {
                let bottom = min(top + side, inputs)
                for left in Swift.stride(from: 0, to: outputs, by: side) {
                    for output in left..<min(left + side, outputs) {
                        let line = to + output &* inputs
                        var source = from + (top &* outputs &+ output)
                        var input = top
                        while input < bottom {
                            line[input] = source.pointee
                            source += outputs
                            input &+= 1
                        }
                    }
                }
            }
        }
    }
}
