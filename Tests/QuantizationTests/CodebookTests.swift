import Numerics
import Testing

@testable import Quantization

@Suite struct CodebookTests {
    @Test func gatherAndScatterAreInverse() {
        let codebook = SparseCodebook(dimension: 7, active: [1, 2, 6], codewords: 2)
        #expect(codebook.codewords == 2 && codebook.values.columns == 3)
        let vector: [Float] = [10, 11, 12, 13, 14, 15, 16]
        var compact = [Float](repeating: 0, count: 3)
        codebook.gather(vector, into: &compact)
        #expect(compact == [11, 12, 16])
        var changed = vector
        codebook.scatter([1, 2, 3], into: &changed)
        #expect(changed == [10, 1, 2, 13, 14, 15, 3], "inactive dimensions stay as they are")
    }

    @Test func aFullCodebookCopies() {
        let codebook = SparseCodebook(dimension: 4, codewords: 1)
        #expect(codebook.active == [0, 1, 2, 3])
        var compact = [Float](repeating: 0, count: 4)
        codebook.gather([4, 3, 2, 1], into: &compact)
        #expect(compact == [4, 3, 2, 1])
    }

    @Test func variancesAreMeanSquares() {
        let codebook = SparseCodebook(dimension: 9, active: [0, 8], codewords: 2)
        codebook.values[0, 0] = 3
        codebook.values[1, 0] = -1
        codebook.values[1, 1] = 2
        #expect(codebook.variances() == [5, 2])
    }

    @Test func gaussianCodewordsHaveTheVariancesAskedFor() {
        let variances = [4.0, 1, 0.01, 0, 100]
        let codebook = Matrix(rows: 4000, columns: 5)
        codebook.fillWithGaussianCodewords(variances: variances, seed: 9, step: 0)
        for (column, variance) in variances.enumerated() {
            let entries = (0..<codebook.rows).map { Double(codebook[$0, column]) }
            let mean = entries.reduce(0, +) / 4000
            let found = entries.reduce(0) { $0 + $1 * $1 } / 4000
            // Five standard deviations of the estimates.
            #expect(abs(mean) <= 5 * (variance / 4000).squareRoot())
            #expect(abs(found - variance) <= 5 * variance * (2.0 / 4000).squareRoot())
        }
        let again = Matrix(rows: 10, columns: 5)
        again.fillWithGaussianCodewords(variances: variances, seed: 9, step: 0)
        #expect(again.values == Array(codebook.values.prefix(50)), "a codeword does not depend on their number")
        again.fillWithGaussianCodewords(variances: variances, seed: 9, step: 1)
        #expect(again.values != Array(codebook.values.prefix(50)))
    }
}
