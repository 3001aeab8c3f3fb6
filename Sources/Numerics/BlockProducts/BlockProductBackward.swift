extension BlockProduct {
    /// Computes the gradients of weights, bias and input from that of the output. The input's gradient leaves out the
    /// output's own, which passes unchanged.
    /// - Parameters:
    ///   - outputGradient: blocks x pixels rows of channels.
    ///   - input: the input of `forward`.
    ///   - packed: the weights packed `transposed`; nil if the input needs no gradient.
    ///   - weightGradient: pixels x pixels x channels.
    ///   - biasGradient: pixels x channels.
    ///   - inputGradient: is added to; may be the memory of the output's gradient. Nil if the input needs none.
    ///   - scratch: `backwardCount` floats.
    public func backward(
        _ outputGradient: UnsafePointer<Float>, input: UnsafePointer<Float>, blocks: Int,
        packed: UnsafePointer<Float>?, weightGradient: GradientMemory, biasGradient: GradientMemory,
        inputGradient: UnsafeMutablePointer<Float>?, scratch: UnsafeMutablePointer<Float>
    ) {
        let (channels, panel) = (channels, panel)
        let packedGradient = scratch
        packedGradient.update(repeating: 0, count: packedCount)
        if !biasGradient.accumulate { biasGradient.pointer.update(repeating: 0, count: pixels * channels) }
        let inputs = scratch + packedCount
        let gradients = inputs + Self.group * pixels * Lanes.scalarCount
        for start in stride(from: 0, to: blocks, by: Self.group) {
            let count = min(start + Self.group, blocks) - start
            let first = start * pixels * channels
            @inline(__always) func kernel<Access: LaneAccess>(_ column: Int, _ access: Access) {
                let offset = column / Lanes.scalarCount &* panel
                // Rows lie so far apart that few of them fit into the first cache together: copied, all do. The copy
                // also lets the input's gradient overwrite the output's.
                gather(input + first + column, count, into: inputs, access)
                gather(outputGradient + first + column, count, into: gradients, access)
                addBiasGradient(gradients, count, to: biasGradient.pointer + column, access)
                addWeightGradient(inputs, gradients, count, to: packedGradient + offset)
                if let packed, let inputGradient {
                    addInputGradient(gradients, count, packed + offset, to: inputGradient + first + column, access)
                }
            }
            forEachRegister(of: channels) {
                kernel($0, $1)
            } part: {
                kernel($0, $1)
            }
        }
        unpack(packedGradient, into: weightGradient)
    }

    /// One register of the pixels of some blocks, one after another.
    @inline(__always)
    private func gather<Access: LaneAccess>(
        _ rows: UnsafePointer<Float>, _ blocks: Int, into target: UnsafeMutablePointer<Float>, _ access: Access
    ) {
        var (from, to) = (rows, target)
        for _ in 0..<blocks &* pixels {
            store(access.read(from), to: to)
            from += channels
            to += Lanes.scalarCount
        }
    }

    @inline(__always)
    private func addBiasGradient<Access: LaneAccess>(
        _ gradients: UnsafePointer<Float>, _ blocks: Int, to sums: UnsafeMutablePointer<Float>, _ access: Access
    ) {
        for pixel in 0..<pixels {
            var sum = access.read(sums + pixel &* channels)
            for block in 0..<blocks { sum += load(gradients + (block &* pixels &+ pixel) &* Lanes.scalarCount) }
            access.write(sum, to: sums + pixel &* channels)
        }
    }

    /// 4 x 2 pixels at a time, summed over the blocks.
    @inline(__always)
    private func addWeightGradient(
        _ inputs: UnsafePointer<Float>, _ gradients: UnsafePointer<Float>, _ blocks: Int,
        to sums: UnsafeMutablePointer<Float>
    ) {
        let (pixels, lanes) = (pixels, Lanes.scalarCount)
        let step = pixels &* lanes
        // Where four pixels do not divide the block, the rest is done one pixel at a time.
        let whole = pixels / 4 &* 4
        let pairs = pixels / 2 &* 2
        var from = 0
        while from < whole {
            var to = 0
            while to < pairs {
                let line = sums + (from &* pixels &+ to) &* lanes
                var (a0, a1) = (load(line), load(line + lanes))
                var (b0, b1) = (load(line + step), load(line + step + lanes))
                var (c0, c1) = (load(line + 2 &* step), load(line + 2 &* step + lanes))
                var (d0, d1) = (load(line + 3 &* step), load(line + 3 &* step + lanes))
                var (x, g) = (inputs + from &* lanes, gradients + to &* lanes)
                for _ in 0..<blocks {
                    let (g0, g1) = (load(g), load(g + lanes))
                    var value = load(x)
                    a0 = multiplyAdd(value, g0, plus: a0)
                    a1 = multiplyAdd(value, g1, plus: a1)
                    value = load(x + lanes)
                    b0 = multiplyAdd(value, g0, plus: b0)
                    b1 = multiplyAdd(value, g1, plus: b1)
                    value = load(x + 2 &* lanes)
                    c0 = multiplyAdd(value, g0, plus: c0)
                    c1 = multiplyAdd(value, g1, plus: c1)
                    value = load(x + 3 &* lanes)
                    d0 = multiplyAdd(value, g0, plus: d0)
                    d1 = multiplyAdd(value, g1, plus: d1)
                    x += step
                    g += step
                }
                store(a0, to: line)
                store(a1, to: line + lanes)
                store(b0, to: line + step)
                store(b1, to: line + step + lanes)
                store(c0, to: line + 2 &* step)
                store(c1, to: line + 2 &* step + lanes)
                store(d0, to: line + 3 &* step)
                store(d1, to: line + 3 &* step + lanes)
                to &+= 2
            }
            from &+= 4
        }
        for from in 0..<pixels {
            for to in (from < whole ? pairs : 0)..<pixels {
                let target = sums + (from &* pixels &+ to) &* lanes
                var sum = load(target)
                for block in 0..<blocks {
                    sum = multiplyAdd(
                        load(inputs + block &* step + from &* lanes), load(gradients + block &* step + to &* lanes),
                        plus: sum)
                }
                store(sum, to: target)
            }
        }
    }

    /// 4 pixels of two blocks at a time; the weights are to x from.
    @inline(__always)
    private func addInputGradient<Access: LaneAccess>(
        _ gradients: UnsafePointer<Float>, _ blocks: Int, _ weights: UnsafePointer<Float>,
        to target: UnsafeMutablePointer<Float>, _ access: Access
    ) {
        let (pixels, lanes, size) = (pixels, Lanes.scalarCount, pixels &* channels)
        let step = pixels &* lanes
        let zero = Lanes(repeating: 0)
        var block = 0
        while block < blocks {
            let hasOther = block &+ 1 < blocks
            let (a, b) = (gradients + block &* step, gradients + (hasOther ? block &+ 1 : block) &* step)
            let (targetA, targetB) = (target + block &* size, target + (block &+ 1) &* size)
            var from = 0
            while from < pixels {
                let last = pixels &- 1
                let (p1, p2, p3) = (min(from &+ 1, last), min(from &+ 2, last), min(from &+ 3, last))
                var (a0, a1, a2, a3) = (zero, zero, zero, zero)
                var (b0, b1, b2, b3) = (zero, zero, zero, zero)
                let (w0, w1, w2, w3) = (from &* lanes, p1 &* lanes, p2 &* lanes, p3 &* lanes)
                var (line, gradientA, gradientB) = (weights, a, b)
                for _ in 0..<pixels {
                    let (ga, gb) = (load(gradientA), load(gradientB))
                    var w = load(line + w0)
                    a0 = multiplyAdd(ga, w, plus: a0)
                    b0 = multiplyAdd(gb, w, plus: b0)
                    w = load(line + w1)
                    a1 = multiplyAdd(ga, w, plus: a1)
                    b1 = multiplyAdd(gb, w, plus: b1)
                    w = load(line + w2)
                    a2 = multiplyAdd(ga, w, plus: a2)
                    b2 = multiplyAdd(gb, w, plus: b2)
                    w = load(line + w3)
                    a3 = multiplyAdd(ga, w, plus: a3)
                    b3 = multiplyAdd(gb, w, plus: b3)
                    line += step
                    gradientA += lanes
                    gradientB += lanes
                }
                @inline(__always) func add(_ value: Lanes, _ pixel: Int, _ target: UnsafeMutablePointer<Float>) {
                    guard pixel < pixels else { return }
                    let sum = target + pixel &* channels
                    access.write(access.read(sum) + value, to: sum)
                }
                add(a0, from, targetA)
                add(a1, from &+ 1, targetA)
                add(a2, from &+ 2, targetA)
                add(a3, from &+ 3, targetA)
                if hasOther {
                    add(b0, from, targetB)
                    add(b1, from &+ 1, targetB)
                    add(b2, from &+ 2, targetB)
                    add(b3, from &+ 3, targetB)
                }
                from &+= 4
            }
            block &+= 2
        }
    }

    /// The packed gradient as pixels x pixels x channels.
    private func unpack(_ packed: UnsafePointer<Float>, into gradient: GradientMemory) {
        @inline(__always) func kernel<Access: LaneAccess>(_ column: Int, _ access: Access) {
            var from = packed + column / Lanes.scalarCount &* panel
            var to = gradient.pointer + column
            for _ in 0..<pixels &* pixels {
                access.write(gradient.accumulate ? access.read(to) + load(from) : load(from), to: to)
                from += Lanes.scalarCount
                to += channels
            }
        }
        forEachRegister(of: channels) {
            kernel($0, $1)
        } part: {
            kernel($0, $1)
        }
    }
}
