extension WinogradConvolution {
    /// Floats that `backward` needs to work in.
    public var backwardCount: Int {
        (MinimalFiltering.products + 1) * gradientStride + chunkInputCount + 2 * pointCount + weightCount
    }

    /// Between the 36 matrices of the gradients of products and inputs, which share memory.
    private var gradientStride: Int { max(inputStride, outputStride) }

    /// Computes the gradients of weights, bias and input from that of the output.
    ///
    /// With dM = A dY A^T of each tile: dU = V^T dM and dV = dM U^T at each of the 36 points, dW = G^T dU G, and dX is
    /// the sum of B dV B^T over the tiles that a pixel belongs to, in the order of the tiles. Nothing is kept since the
    /// forward pass. The input is transformed again, chunk by chunk: its transform is 2.25 times as large, and hardly
    /// faster read from memory than computed. The weights are transformed again, transposed: that takes less time than
    /// reading them transposed costs the products.
    /// - Parameters:
    ///   - outputGradient: rows x outputs.
    ///   - factors: rows x outputs that the gradient is multiplied by, such as GELU' of the output, or nil.
    ///   - input: the input of `forward`.
    ///   - weights: the weights themselves.
    ///   - weightGradient: in the shape of the weights.
    ///   - biasGradient: in the shape of the bias.
    ///   - inputGradient: rows x inputs, other memory than the output's gradient; nil if
    ///     it is not needed.
    ///   - scratch: `backwardCount` floats.
    public func backward(
        _ outputGradient: UnsafePointer<Float>, factors: UnsafePointer<Float>? = nil,
        input: UnsafePointer<Float>, weights: UnsafePointer<Float>, weightGradient: GradientMemory,
        biasGradient: GradientMemory, inputGradient: GradientMemory?, scratch: UnsafeMutablePointer<Float>
    ) {
        // The gradient of the input at a point overwrites that of the product at the point before, which is no
        // longer needed: half the memory, half the cache.
        let inputPoints = scratch
        let productPoints = scratch + gradientStride
        let transformed = productPoints + MinimalFiltering.products * gradientStride
        let pointGradient = transformed + chunkInputCount
        let transposedPoints = pointGradient + pointCount
        let transposed = transposedPoints + pointCount
        if !biasGradient.accumulate { biasGradient.pointer.update(repeating: 0, count: outputs) }
        if let inputGradient {
            if !inputGradient.accumulate { inputGradient.pointer.update(repeating: 0, count: rows * inputs) }
            transposeWeights(weights, into: transposed)
            transformWeights(transposed, count: inputs * outputs, stride: weightStride, into: transposedPoints)
        }
        for chunk in 0..<tiles.chunks {
            let range = tiles.tiles(ofChunk: chunk)
            transformInput(input, tiles: range, into: transformed)
            transformOutputGradient(
                outputGradient, factors: factors, tiles: range, into: productPoints, sums: biasGradient.pointer)
            for point in 0..<MinimalFiltering.products {
                let products = productPoints + point * gradientStride
                gemm(
                    rows: inputs, columns: outputs, inner: range.count, a: transformed + point * inputStride,
                    transposeA: true, b: products, beta: chunk == 0 ? 0 : 1, c: pointGradient + point * weightStride)
                guard inputGradient != nil else { continue }
                gemm(
                    rows: range.count, columns: inputs, inner: outputs, a: products,
                    b: transposedPoints + point * weightStride, c: inputPoints + point * gradientStride)
            }
            if let inputGradient { addInputGradient(inputPoints, tiles: range, to: inputGradient.pointer) }
        }
        transformWeightGradient(
            pointGradient, count: inputs * outputs, stride: weightStride, into: weightGradient.pointer,
            accumulate: weightGradient.accumulate)
    }

    // MARK: The output's gradient

    /// A g A^T of some tiles, and the sum of g over them added to `sums`.
    private func transformOutputGradient(
        _ gradient: UnsafePointer<Float>, factors: UnsafePointer<Float>?, tiles range: Range<Int>,
        into products: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>
    ) {
        let (channels, stride) = (outputs, gradientStride)
        withUnsafeTemporaryAllocation(of: Lanes.self, capacity: MinimalFiltering.products) { memory in
            let work = memory.baseAddress!
            for tile in range {
                let rows = tiles.rows(of: tile)
                let target = products + (tile &- range.lowerBound) &* channels
                forEachRegister(of: channels) { column, access in
                    Self.transformOutputGradient(
                        gradient, factors, rows, channels, column, target + column, stride, sums + column, work, access)
                } part: { column, access in
                    Self.transformOutputGradient(
                        gradient, factors, rows, channels, column, target + column, stride, sums + column, work, access)
                }
            }
        }
    }

    @inline(__always)
    private static func transformOutputGradient<Access: LaneAccess>(
        _ gradient: UnsafePointer<Float>, _ factors: UnsafePointer<Float>?, _ rows: UnsafePointer<Int32>,
        _ channels: Int, _ column: Int, _ target: UnsafeMutablePointer<Float>, _ stride: Int,
        _ sums: UnsafeMutablePointer<Float>, _ work: UnsafeMutablePointer<Lanes>, _ access: Access
    ) {
        @inline(__always) func pixel(_ y: Int, _ x: Int) -> Lanes {
            let row = rows[ConvolutionTiles.index(y: y, x: x)]
            guard row >= 0 else { return Lanes(repeating: 0) }
            let offset = Int(row) &* channels &+ column
            let value = access.read(gradient + offset)
            guard let factors else { return value }
            return value * access.read(factors + offset)
        }
        var sum = access.read(sums)
        for x in 0..<4 {
            let (g0, g1, g2, g3) = (pixel(0, x), pixel(1, x), pixel(2, x), pixel(3, x))
            sum += (g0 + g1) + (g2 + g3)
            let m = MinimalFiltering.outputGradient(g0, g1, g2, g3)
            (work[x], work[x &+ 4], work[x &+ 8]) = (m.0, m.1, m.2)
            (work[x &+ 12], work[x &+ 16], work[x &+ 20]) = (m.3, m.4, m.5)
        }
        access.write(sum, to: sums)
        var to = target
        for y in 0..<6 {
            let line = work + 4 &* y
            let m = MinimalFiltering.outputGradient(line[0], line[1], line[2], line[3])
            access.write(m.0, to: to)
            access.write(m.1, to: to + stride)
            access.write(m.2, to: to + 2 &* stride)
            access.write(m.3, to: to + 3 &* stride)
            access.write(m.4, to: to + 4 &* stride)
            access.write(m.5, to: to + 5 &* stride)
            to += 6 &* stride
        }
    }

    // MARK: The input's gradient

    /// Adds B v B^T of some tiles to the rows of the map.
    private func addInputGradient(
        _ points: UnsafePointer<Float>, tiles range: Range<Int>, to gradient: UnsafeMutablePointer<Float>
    ) {
        let (channels, stride) = (inputs, gradientStride)
        withUnsafeTemporaryAllocation(of: Lanes.self, capacity: MinimalFiltering.products) { memory in
            let work = memory.baseAddress!
            for tile in range {
                let rows = tiles.rows(of: tile)
                let source = points + (tile &- range.lowerBound) &* channels
                forEachRegister(of: channels) { column, access in
                    Self.addInputGradient(source + column, stride, rows, channels, gradient + column, work, access)
                } part: { column, access in
                    Self.addInputGradient(source + column, stride, rows, channels, gradient + column, work, access)
                }
            }
        }
    }

    @inline(__always)
    private static func addInputGradient<Access: LaneAccess>(
        _ source: UnsafePointer<Float>, _ stride: Int, _ rows: UnsafePointer<Int32>, _ channels: Int,
        _ gradient: UnsafeMutablePointer<Float>, _ work: UnsafeMutablePointer<Lanes>, _ access: Access
    ) {
        @inline(__always) func add(_ value: Lanes, _ row: Int32) {
            guard row >= 0 else { return }
            let target = gradient + Int(row) &* channels
            access.write(access.read(target) + value, to: target)
        }
        var from = source
        for x in 0..<6 {
            let v = MinimalFiltering.inputGradient(
                access.read(from), access.read(from + 6 &* stride), access.read(from + 12 &* stride),
                access.read(from + 18 &* stride), access.read(from + 24 &* stride), access.read(from + 30 &* stride))
            (work[x], work[x &+ 6], work[x &+ 12]) = (v.0, v.1, v.2)
            (work[x &+ 18], work[x &+ 24], work[x &+ 30]) = (v.3, v.4, v.5)
            from += stride
        }
        for y in 0..<6 {
            let (line, pixelRows) = (work + 6 &* y, rows + 6 &* y)
            let v = MinimalFiltering.inputGradient(line[0], line[1], line[2], line[3], line[4], line[5])
            add(v.0, pixelRows[0])
            add(v.1, pixelRows[1])
            add(v.2, pixelRows[2])
            add(v.3, pixelRows[3])
            add(v.4, pixelRows[4])
            add(v.5, pixelRows[5])
        }
    }
}
