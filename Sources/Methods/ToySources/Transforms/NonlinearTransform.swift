import Neural
import Numerics

/// A nonlinear transform between vectors: a linear layer, residual blocks, a linear layer.
///
///     let analysis = NonlinearTransform(dimension: 2, size: size, name: "analysis", seed: 1, in: parameters)
///     let latents = analysis(x, on: tape)                     // rows x dimension
///
/// It starts as the identity plus what the residual blocks add: the last layer is the pseudo-inverse of the first. So
/// training begins with a uniform quantizer of the source itself and bends it from there, which takes far fewer steps than
/// to find the way from random axes.
///
/// Source: the size is that of the NVTC paper's experiments on toy sources, three blocks of width 192 in two dimensions
/// and 384 in more.
package struct NonlinearTransform {
    /// Layers and first weights of a transform.
    package struct Size: Sendable, Equatable {
        /// Hidden units.
        var width: Int
        /// Residual blocks.
        var blocks: Int
        /// Standard deviation of the first layer's weights, and half the range of its biases.
        var entryGain: Float = 1
        /// What the usual weights of each block's second layer are multiplied by.
        var residualGain: Float = 1

        /// - Parameters:
        ///   - width: hidden units.
        ///   - blocks: residual blocks.
        ///   - entryGain: standard deviation of the first layer's weights, and half the range of its biases.
        ///   - residualGain: what the usual weights of each block's second layer are multiplied by.
        package init(width: Int, blocks: Int, entryGain: Float = 1, residualGain: Float = 1) {
            self.width = width
            self.blocks = blocks
            self.entryGain = entryGain
            self.residualGain = residualGain
        }
    }

    let entry: Linear
    let blocks: [ResidualBlock]
    let exit: Linear

    /// - Parameters:
    ///   - dimension: of what goes in and comes out.
    ///   - name: begins the names of the parameters.
    ///   - seed: of the first weights.
    init(dimension: Int, size: Size, name: String, seed: UInt64, in parameters: ParameterSet) {
        let width = size.width
        let random = CounterRandom(seed: seed, purpose: .networkWeights, step: 1 << 16 + parameters.parameters.count)
        let weights = Matrix(rows: width, columns: dimension)
        random.normals(item: 0, into: weights.storage.elements)
        for index in 0..<weights.count { weights.pointer[index] *= size.entryGain }
        let biases = (0..<width).map { size.entryGain * Float(2 * random.uniform(item: 1, draw: $0) - 1) }
        let inverse = pseudoInverse(weights)
        let shift = matrixProduct(inverse, Matrix(rows: width, columns: 1, biases))
        entry = Linear(
            inputs: dimension, outputs: width, name: name + ".entry", in: parameters,
            weightInitialization: .values(Array(weights.storage.elements)), biasInitialization: .values(biases))
        blocks = (0..<size.blocks).map {
            ResidualBlock(
                width: width, hidden: width, residualGain: size.residualGain, name: "\(name).block.\($0)",
                in: parameters)
        }
        exit = Linear(
            inputs: width, outputs: dimension, name: name + ".exit", in: parameters,
            weightInitialization: .values(Array(inverse.storage.elements)),
            biasInitialization: .values(shift.storage.elements.map { -$0 }))
    }

    /// Records the transform of `rows` vectors on a tape.
    /// - Parameter x: rows x dimension.
    /// - Returns: rows x dimension.
    func callAsFunction(_ x: Value, on tape: Tape) -> Value {
        var value = entry(x, on: tape)
        for block in blocks { value = block(value, on: tape) }
        return exit(value, on: tape)
    }
}

/// (A^T A)^-1 A^T of a tall matrix of full rank, by the eigenvectors of A^T A.
func pseudoInverse(_ matrix: Matrix) -> Matrix {
    let gram = matrixProduct(matrix, matrix, transposeA: true)
    guard let (vectors, values) = try? symmetricEigen(gram) else {
        preconditionFailure("a Gaussian matrix has finite eigenvalues")
    }
    let scaled = vectors.copy()
    for row in 0..<scaled.rows { for column in 0..<scaled.columns { scaled[row, column] /= values[row] } }
    let inverse = matrixProduct(vectors, scaled, transposeA: true)
    return matrixProduct(inverse, matrix, transposeB: true)
}
