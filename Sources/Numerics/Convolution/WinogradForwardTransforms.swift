/// What is done with a register of the convolution on its way to memory.
protocol ConvolutionFinish {
    func write<Access: LaneAccess>(_ value: Lanes, at offset: Int, _ access: Access)
}

struct PlainOutput: ConvolutionFinish {
    let output: UnsafeMutablePointer<Float>
    @inline(__always) func write<Access: LaneAccess>(_ value: Lanes, at offset: Int, _ access: Access) {
        access.write(value, to: output + offset)
    }
}

struct SumOutput: ConvolutionFinish {
    let other: UnsafePointer<Float>
    let output: UnsafeMutablePointer<Float>
    @inline(__always) func write<Access: LaneAccess>(_ value: Lanes, at offset: Int, _ access: Access) {
        access.write(value + access.read(other + offset), to: output + offset)
    }
}

struct GELUOutput: ConvolutionFinish {
    let output: UnsafeMutablePointer<Float>
    let derivative: UnsafeMutablePointer<Float>
    @inline(__always) func write<Access: LaneAccess>(_ value: Lanes, at offset: Int, _ access: Access) {
        let result = GELU.evaluate(value)
        access.write(result.value, to: output + offset)
        access.write(result.derivative, to: derivative + offset)
    }
}

extension WinogradConvolution {
    // MARK: Input

    /// B^T d B of some tiles: 36 matrices of tiles x inputs, `inputStride` apart.
    func transformInput(
        _ input: UnsafePointer<Float>, tiles range: Range<Int>, into transformed: UnsafeMutablePointer<Float>
    ) {
        let (channels, stride) = (inputs, inputStride)
        let zeros = UnsafePointer(outside.pointer)
        withUnsafeTemporaryAllocation(of: Lanes.self, capacity: MinimalFiltering.products) { memory in
            withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: MinimalFiltering.products) {
                let (work, pixels) = (memory.baseAddress!, $0.baseAddress!)
                for tile in range {
                    let rows = tiles.rows(of: tile)
                    for pixel in 0..<MinimalFiltering.products {
                        let row = rows[pixel]
                        pixels[pixel] = row == ConvolutionTiles.outside ? zeros : input + Int(row) &* channels
                    }
                    let target = transformed + (tile &- range.lowerBound) &* channels
                    forEachRegister(of: channels) { column, access in
                        Self.transformInput(pixels, column, target + column, stride, work, access)
                    } part: { column, access in
                        Self.transformInput(pixels, column, target + column, stride, work, access)
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func transformInput<Access: LaneAccess>(
        _ pixels: UnsafePointer<UnsafePointer<Float>>, _ column: Int, _ target: UnsafeMutablePointer<Float>,
        _ stride: Int, _ work: UnsafeMutablePointer<Lanes>, _ access: Access
    ) {
        for x in 0..<6 {
            let v = MinimalFiltering.input(
                access.read(pixels[x] + column), access.read(pixels[x &+ 6] + column),
                access.read(pixels[x &+ 12] + column), access.read(pixels[x &+ 18] + column),
                access.read(pixels[x &+ 24] + column), access.read(pixels[x &+ 30] + column))
            (work[x], work[x &+ 6], work[x &+ 12]) = (v.0, v.1, v.2)
            (work[x &+ 18], work[x &+ 24], work[x &+ 30]) = (v.3, v.4, v.5)
        }
        var (from, to) = (UnsafePointer(work), target)
        for _ in 0..<6 {
            let v = MinimalFiltering.input(from[0], from[1], from[2], from[3], from[4], from[5])
            access.write(v.0, to: to)
            access.write(v.1, to: to + stride)
            access.write(v.2, to: to + 2 &* stride)
            access.write(v.3, to: to + 3 &* stride)
            access.write(v.4, to: to + 4 &* stride)
            access.write(v.5, to: to + 5 &* stride)
            from += 6
            to += 6 &* stride
        }
    }

    // MARK: Output

    /// A^T m A of some tiles, with the bias, into the rows of the map.
    func transformOutput<Finish: ConvolutionFinish>(
        _ products: UnsafePointer<Float>, tiles range: Range<Int>, bias: UnsafePointer<Float>, finish: Finish
    ) {
        let (channels, stride) = (outputs, outputStride)
        withUnsafeTemporaryAllocation(of: Lanes.self, capacity: MinimalFiltering.products) { memory in
            let work = memory.baseAddress!
            for tile in range {
                let rows = tiles.rows(of: tile)
                let source = products + (tile &- range.lowerBound) &* channels
                forEachRegister(of: channels) { column, access in
                    Self.transformOutput(
                        source + column, stride, rows, channels, column, access.read(bias + column), work, finish,
                        access)
                } part: { column, access in
                    Self.transformOutput(
                        source + column, stride, rows, channels, column, access.read(bias + column), work, finish,
                        access)
                }
            }
        }
    }

    @inline(__always)
    private static func transformOutput<Finish: ConvolutionFinish, Access: LaneAccess>(
        _ source: UnsafePointer<Float>, _ stride: Int, _ rows: UnsafePointer<Int32>, _ channels: Int, _ column: Int,
        _ bias: Lanes, _ work: UnsafeMutablePointer<Lanes>, _ finish: Finish, _ access: Access
    ) {
        // Along the columns of the 6 x 6 products, and then along the rows.
        var from = source
        for x in 0..<6 {
            let m = MinimalFiltering.output(
                access.read(from), access.read(from + 6 &* stride), access.read(from + 12 &* stride),
                access.read(from + 18 &* stride), access.read(from + 24 &* stride), access.read(from + 30 &* stride))
            (work[x], work[x &+ 6], work[x &+ 12], work[x &+ 18]) = (m.0, m.1, m.2, m.3)
            from += stride
        }
        for y in 0..<4 {
            let line = work + 6 &* y
            let m = MinimalFiltering.output(line[0], line[1], line[2], line[3], line[4], line[5])
            let pixelRows = rows + ConvolutionTiles.index(y: y, x: 0)
            // Pixels outside have negative row numbers.
            if pixelRows[0] >= 0 { finish.write(m.0 + bias, at: Int(pixelRows[0]) &* channels &+ column, access) }
            if pixelRows[1] >= 0 { finish.write(m.1 + bias, at: Int(pixelRows[1]) &* channels &+ column, access) }
            if pixelRows[2] >= 0 { finish.write(m.2 + bias, at: Int(pixelRows[2]) &* channels &+ column, access) }
            if pixelRows[3] >= 0 { finish.write(m.3 + bias, at: Int(pixelRows[3]) &* channels &+ column, access) }
        }
    }
}
