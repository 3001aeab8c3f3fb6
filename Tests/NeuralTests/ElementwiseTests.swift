import Foundation
import Numerics
import Testing

@Suite struct ElementwiseTests {
    @Test func exponentialIsWithinTwoUnitsInTheLastPlace() {
        for step in 0..<20_000 {
            let x = -86 + Float(step) * 0.0087
            let value = exponential(Lanes(repeating: x))[step % Lanes.scalarCount]
            let exact = exp(Double(x))
            #expect(abs(Double(value) - exact) <= 3e-7 * exact, "e^\(x)")
        }
        #expect(exponential(Lanes(repeating: -1000))[0] < 1e-37)
        #expect(exponential(Lanes(repeating: 1000))[0].isFinite)
    }

    @Test func geluIsTheExactOne() {
        for step in 0..<20_000 {
            let x = -10 + Float(step) * 0.001
            let result = GELU.evaluate(Lanes(repeating: x))
            let wide = Double(x)
            let distribution = 0.5 * erfc(-wide / 2.0.squareRoot())
            let density = exp(-wide * wide / 2) / (2 * Double.pi).squareRoot()
            #expect(abs(Double(result.value[0]) - wide * distribution) < 1e-6)
            #expect(abs(Double(result.derivative[0]) - (distribution + wide * density)) < 2e-6)
        }
    }

    @Test(arguments: [1, 3, 8, 16, 31, 32, 37, 192]) func rowOperationsWorkForAnyWidth(columns: Int) {
        let rows = 5
        let random = CounterRandom(seed: 4, purpose: .test, step: columns)
        let matrix = Matrix(rows: rows, columns: columns)
        random.normals(item: 0, into: matrix.storage.elements)
        let bias = Matrix(rows: 1, columns: columns)
        random.normals(item: 1, into: bias.storage.elements)
        var sums = [Float](repeating: 1, count: columns)
        sumRows(matrix.pointer, rows: rows, columns: columns, into: &sums, accumulate: true)
        let (pre, output) = (matrix.copy(), Matrix(rows: rows, columns: columns))
        biasAndGELU(pre.pointer, bias.pointer, rows: rows, columns: columns, output: output.pointer)
        let product = matrix.copy()
        var weighted = [Float](repeating: 0, count: columns)
        multiplyAndSumRows(
            product.pointer, pre.pointer, rows: rows, columns: columns, into: &weighted, accumulate: false)
        let shifted = matrix.copy()
        addToRows(shifted.pointer, bias.pointer, rows: rows, columns: columns)
        for column in 0..<columns {
            var (sum, product) = (1.0, 0.0)
            for row in 0..<rows {
                let x = Double(matrix[row, column] + bias[0, column])
                #expect(abs(Double(output[row, column]) - x * 0.5 * erfc(-x / 2.0.squareRoot())) < 1e-5)
                #expect(shifted[row, column] == matrix[row, column] + bias[0, column])
                sum += Double(matrix[row, column])
                product += Double(matrix[row, column] * pre[row, column])
            }
            #expect(abs(Double(sums[column]) - sum) < 1e-5)
            #expect(abs(Double(weighted[column]) - product) < 1e-5)
        }
    }

    @Test func sumsOfSquaresCoverRemainders() {
        for count in [0, 1, 7, 1024, 1029, 5000] {
            let values = (0..<count).map { Float($0 % 7) - 3 }
            let exact = values.reduce(0.0) { $0 + Double($1 * $1) }
            #expect(sumOfSquares(values, count: count) == exact)
        }
    }
}
