// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func pixelRearrangementExample1(x: Value, fine: PixelGrid, tape: Tape) {
    let y = pixelUnshuffle(x, from: fine, to: fine.coarser(by: 2), on: tape)
    // rows / 4 x channels * 4; channels in the order (row in the square, column in it, channel)
}

private func pixelRearrangementExample2(x: Value, coarse: PixelGrid, fine: PixelGrid, tape: Tape) {
    let y = pixelShuffle(x, from: coarse, to: fine, on: tape)   // rows * 4 x channels / 4
}
