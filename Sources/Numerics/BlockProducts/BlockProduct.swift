/// For every channel a matrix product over the pixels of a block: what each pixel gets from all pixels of its block.
///
///     let product = BlockProduct(pixels: 16, channels: 192)
///     product.pack(weights, into: packed)                     // once for each change of the weights
///     product.forward(x, blocks: 256, packed: packed, bias: bias, output: y)
///     // y[to, c] = x[to, c] + bias[to, c] + sum over from of x[from, c] weights[from, to, c]
///
/// Blocks are `pixels` consecutive rows of channels. Registers hold channels, so every product is elementwise: 2 P
/// floating-point operations for a number of the map, P of them in memory traffic if weights were not used for several
/// blocks at a time. Weights are therefore packed by registers of channels (8 KB of each for 16 pixels, which stay in
/// the first cache), and a group of blocks stays in the second cache while all channels pass. The floor is 25 MFLOP
/// forward and twice that backward for 256 blocks of 16 pixels and 192 channels, against 6 and 9 MB of maps.
public struct BlockProduct: Sendable {
    /// Pixels of a block.
    public let pixels: Int
    /// Channels, and so columns of a map.
    public let channels: Int
    /// Blocks whose pixels stay in the second cache.
    static let group = 8

    /// - Parameters:
    ///   - pixels: pixels of a block, at least 1.
    ///   - channels: channels of a map, at least 1.
    public init(pixels: Int, channels: Int) {
        precondition(pixels > 0 && channels > 0)
        self.pixels = pixels
        self.channels = channels
    }

    /// Floats of weights as pixels x pixels x channels.
    public var weightCount: Int { pixels * pixels * channels }

    /// Registers that a row of channels takes.
    private var registers: Int { (channels + Lanes.scalarCount - 1) / Lanes.scalarCount }
    /// Floats of a register's weights.
    var panel: Int { pixels * pixels * Lanes.scalarCount }
    /// Floats of packed weights.
    public var packedCount: Int { registers * panel }
    /// Floats that `backward` needs to work in: the packed gradient and a group's pixels.
    public var backwardCount: Int { packedCount + 2 * Self.group * pixels * Lanes.scalarCount }

    /// Arranges weights (from x to x channel) in the order in which products read them: register of channels x from x to.
    /// - Parameters:
    ///   - weights: `weightCount` floats.
    ///   - transposed: arranges them as register x to x from, for the backward pass.
    ///   - packed: `packedCount` floats.
    public func pack(
        _ weights: UnsafePointer<Float>, transposed: Bool = false, into packed: UnsafeMutablePointer<Float>
    ) {
        let (pixels, channels, panel) = (pixels, channels, panel)
        @inline(__always) func kernel<Access: LaneAccess>(_ column: Int, _ access: Access) {
            var to = packed + column / Lanes.scalarCount &* panel
            for outer in 0..<pixels {
                for inner in 0..<pixels {
                    let index = transposed ? inner &* pixels &+ outer : outer &* pixels &+ inner
                    store(access.read(weights + index &* channels + column), to: to)
                    to += Lanes.scalarCount
                }
            }
        }
        forEachRegister(of: channels) {
            kernel($0, $1)
        } part: {
            kernel($0, $1)
        }
    }

    /// output = input + bias + what the weights add, block by block.
    /// - Parameters:
    ///   - input: blocks x pixels rows of channels.
    ///   - output: blocks x pixels rows of channels; not the memory of the input.
    ///   - packed: the packed weights.
    ///   - bias: pixels x channels.
    public func forward(
        _ input: UnsafePointer<Float>, blocks: Int, packed: UnsafePointer<Float>, bias: UnsafePointer<Float>,
        output: UnsafeMutablePointer<Float>
    ) {
        let (channels, panel, size) = (channels, panel, pixels * channels)
        for start in stride(from: 0, to: blocks, by: Self.group) {
            let end = min(start + Self.group, blocks)
            @inline(__always) func kernel<Access: LaneAccess>(_ column: Int, _ access: Access) {
                let weights = packed + column / Lanes.scalarCount &* panel
                var block = start
                while block < end {
                    // A block without a partner is its own: the same numbers are written twice.
                    let other = min(block &+ 1, end &- 1)
                    forwardPair(
                        input + block &* size + column, input + other &* size + column, weights, bias + column,
                        output + block &* size + column, output + other &* size + column, access)
                    block &+= 2
                }
            }
            forEachRegister(of: channels) {
                kernel($0, $1)
            } part: {
                kernel($0, $1)
            }
        }
    }

    /// One register of channels of two blocks: 4 pixels of each at a time.
    @inline(__always)
    private func forwardPair<Access: LaneAccess>(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
        _ bias: UnsafePointer<Float>, _ outputA: UnsafeMutablePointer<Float>, _ outputB: UnsafeMutablePointer<Float>,
        _ access: Access
    ) {
        let (pixels, channels, lanes) = (pixels, channels, Lanes.scalarCount)
        var to = 0
        while to < pixels {
            // The last four pixels may overlap with those before, or be one pixel several times.
            let last = pixels &- 1
            let (p0, p1) = (min(to, max(0, pixels &- 4)), min(min(to, max(0, pixels &- 4)) &+ 1, last))
            let (p2, p3) = (min(p1 &+ 1, last), min(p1 &+ 2, last))
            let (c0, c1, c2, c3) = (p0 &* channels, p1 &* channels, p2 &* channels, p3 &* channels)
            let (bias0, bias1) = (access.read(bias + c0), access.read(bias + c1))
            let (bias2, bias3) = (access.read(bias + c2), access.read(bias + c3))
            var (a0, a1) = (access.read(a + c0) + bias0, access.read(a + c1) + bias1)
            var (a2, a3) = (access.read(a + c2) + bias2, access.read(a + c3) + bias3)
            var (b0, b1) = (access.read(b + c0) + bias0, access.read(b + c1) + bias1)
            var (b2, b3) = (access.read(b + c2) + bias2, access.read(b + c3) + bias3)
            let (w0, w1, w2, w3) = (p0 &* lanes, p1 &* lanes, p2 &* lanes, p3 &* lanes)
            var (line, fromA, fromB) = (weights, a, b)
            for _ in 0..<pixels {
                let (xa, xb) = (access.read(fromA), access.read(fromB))
                var w = load(line + w0)
                a0 = multiplyAdd(xa, w, plus: a0)
                b0 = multiplyAdd(xb, w, plus: b0)
                w = load(line + w1)
                a1 = multiplyAdd(xa, w, plus: a1)
                b1 = multiplyAdd(xb, w, plus: b1)
                w = load(line + w2)
                a2 = multiplyAdd(xa, w, plus: a2)
                b2 = multiplyAdd(xb, w, plus: b2)
                w = load(line + w3)
                a3 = multiplyAdd(xa, w, plus: a3)
                b3 = multiplyAdd(xb, w, plus: b3)
                line += pixels &* lanes
                fromA += channels
                fromB += channels
            }
            access.write(a0, to: outputA + c0)
            access.write(a1, to: outputA + c1)
            access.write(a2, to: outputA + c2)
            access.write(a3, to: outputA + c3)
            access.write(b0, to: outputB + c0)
            access.write(b1, to: outputB + c1)
            access.write(b2, to: outputB + c2)
            access.write(b3, to: outputB + c3)
            to &+= 4
        }
    }
}
