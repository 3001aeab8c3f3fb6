import Numerics

/// Space to depth: each `factor` x `factor` square of pixels becomes one pixel with `factor`^2 times the channels.
///
///     let y = pixelUnshuffle(x, from: fine, to: fine.coarser(by: 2), on: tape)
///     // rows / 4 x channels * 4; channels in the order (row in the square, column in it, channel)
///
/// With the square's pixels outermost, each of them moves as one piece of memory.
/// - Parameters:
///   - x: one map, a row for each pixel of `fine`.
///   - coarse: `factor` times smaller than `fine` along both sides.
public func pixelUnshuffle(_ x: Value, from fine: PixelGrid, to coarse: PixelGrid, on tape: Tape) -> Value {
    let factor = fine.height / coarse.height
    precondition(x.rows == fine.rows && coarse.height * factor == fine.height && coarse.width * factor == fine.width)
    let operation = PixelRearrangementOperation(
        x, rows: coarse.rows, pieces: PixelRearrangementOperation.squares(of: fine, in: coarse), gathers: true, on: tape
    )
    tape.record(operation)
    return operation.result
}

/// Depth to space, the inverse of `pixelUnshuffle`.
///
///     let y = pixelShuffle(x, from: coarse, to: fine, on: tape)   // rows * 4 x channels / 4
public func pixelShuffle(_ x: Value, from coarse: PixelGrid, to fine: PixelGrid, on tape: Tape) -> Value {
    let factor = fine.height / coarse.height
    precondition(x.rows == coarse.rows && coarse.height * factor == fine.height && coarse.width * factor == fine.width)
    precondition(x.columns % (factor * factor) == 0)
    let operation = PixelRearrangementOperation(
        x, rows: fine.rows, pieces: PixelRearrangementOperation.squares(of: fine, in: coarse), gathers: false, on: tape)
    tape.record(operation)
    return operation.result
}

final class PixelRearrangementOperation: Operation {
    private let x: Value
    let result: Value
    /// Row of the fine map for each piece of the coarse one.
    private let pieces: [Int32]
    private let gathers: Bool
    private let width: Int

    init(_ x: Value, rows: Int, pieces: [Int32], gathers: Bool, on tape: Tape) {
        self.x = x
        self.pieces = pieces
        self.gathers = gathers
        width = x.count / pieces.count
        result = tape.output(rows: rows, columns: x.count / rows, of: [x])
    }

    /// The fine pixels of every coarse one, row by row of the square.
    static func squares(of fine: PixelGrid, in coarse: PixelGrid) -> [Int32] {
        let factor = fine.height / coarse.height
        var pieces = [Int32](repeating: 0, count: fine.rows)
        for y in 0..<fine.height {
            for x in 0..<fine.width {
                let first = coarse.row(y: y / factor, x: x / factor) * factor * factor
                pieces[first + y % factor * factor + x % factor] = Int32(fine.row(y: y, x: x))
            }
        }
        return pieces
    }

    var inputs: [Value] { [x] }
    var output: Value? { result }

    func forward() {
        let (source, target) = (x.data, result.data)
        for (piece, row) in pieces.enumerated() {
            let (coarse, fine) = (piece &* width, Int(row) &* width)
            if gathers {
                (target + coarse).update(from: source + fine, count: width)
            } else {
                (target + fine).update(from: source + coarse, count: width)
            }
        }
    }

    func backward(_ pass: borrowing BackwardPass) {
        guard x.needsGradient else { return }
        let target = pass.target(of: x)
        let source = result.gradient
        for (piece, row) in pieces.enumerated() {
            let (coarse, fine) = (piece &* width, Int(row) &* width)
            let (from, to) = gathers ? (coarse, fine) : (fine, coarse)
            if target.accumulate {
                addScaled(source + from, factor: 1, to: target.pointer + to, count: width)
            } else {
                (target.pointer + to).update(from: source + from, count: width)
            }
        }
    }
}
