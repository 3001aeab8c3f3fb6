import Numerics

/// The 3 x 3 convolution and its gradients by their definition, in `Double`: what the fast one is held against.
struct NaiveConvolution {
    let grid: PixelGrid
    let images: Int
    let inputs: Int
    let outputs: Int

    /// Calls `visit` with the rows of each pixel and of each of its neighbors inside the map, and the neighbor's tap.
    private func forEachPair(_ visit: (_ pixel: Int, _ neighbor: Int, _ tap: Int) -> Void) {
        for image in 0..<images {
            for y in 0..<grid.height {
                for x in 0..<grid.width {
                    for tap in 0..<9 {
                        let (row, column) = (y + tap / 3 - 1, x + tap % 3 - 1)
                        guard row >= 0, row < grid.height, column >= 0, column < grid.width else { continue }
                        let start = image * grid.rows
                        visit(start + grid.row(y: y, x: x), start + grid.row(y: row, x: column), tap)
                    }
                }
            }
        }
    }

    func forward(_ input: [Float], weights: [Float], bias: [Float]) -> [Double] {
        var result = [Double](repeating: 0, count: images * grid.rows * outputs)
        for index in result.indices { result[index] = Double(bias[index % outputs]) }
        result.withUnsafeMutableBufferPointer { result in
            input.withUnsafeBufferPointer { input in
                weights.withUnsafeBufferPointer { weights in
                    forEachPair { pixel, neighbor, tap in
                        for c in 0..<inputs {
                            let value = Double(input[neighbor * inputs + c])
                            for o in 0..<outputs {
                                result[pixel * outputs + o] += value * Double(weights[(tap * inputs + c) * outputs + o])
                            }
                        }
                    }
                }
            }
        }
        return result
    }

    /// The gradients of input, weights and bias.
    func backward(
        _ gradient: [Float], input: [Float], weights: [Float]
    ) -> (input: [Double], weights: [Double], bias: [Double]) {
        var inputGradient = [Double](repeating: 0, count: input.count)
        var weightGradient = [Double](repeating: 0, count: weights.count)
        var biasGradient = [Double](repeating: 0, count: outputs)
        for index in gradient.indices { biasGradient[index % outputs] += Double(gradient[index]) }
        inputGradient.withUnsafeMutableBufferPointer { inputGradient in
            weightGradient.withUnsafeMutableBufferPointer { weightGradient in
                forEachPair { pixel, neighbor, tap in
                    for c in 0..<inputs {
                        let value = Double(input[neighbor * inputs + c])
                        let line = (tap * inputs + c) * outputs
                        var sum = 0.0
                        for o in 0..<outputs {
                            let slope = Double(gradient[pixel * outputs + o])
                            weightGradient[line + o] += value * slope
                            sum += slope * Double(weights[line + o])
                        }
                        inputGradient[neighbor * inputs + c] += sum
                    }
                }
            }
        }
        return (inputGradient, weightGradient, biasGradient)
    }
}

/// Standard normal numbers.
func normals(_ count: Int, _ item: Int) -> [Float] {
    var numbers = [Float](repeating: 0, count: count)
    numbers.withUnsafeMutableBufferPointer { CounterRandom(seed: 3, purpose: .test).normals(item: item, into: $0) }
    return numbers
}

/// The largest difference, relative to the largest of the exact numbers.
func relativeError(_ values: some Collection<Float>, _ exact: [Double]) -> Double {
    let largest = exact.reduce(0) { max($0, abs($1)) }
    return zip(values, exact).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / largest
}
