// Lines stand as in the doc comments.
// swift-format-ignore-file
import Foundation
import Messaging
import Numerics
import Stepping

@testable import RRQ

private func trainedLayersExample() throws {
    let layers = try TrainedLayers(runFolder: "runs/sift", count: 8)      // nil for all there are
    layers.codebooks.count                                  // 8
    layers.transform.dimension                              // 128
}

private func vectorQuantizerExample(rows: UnsafeMutablePointer<Float>, codes: UnsafeMutablePointer<Int32>) throws {
    let quantizer = VectorQuantizer(try TrainedLayers(runFolder: "runs/sift", count: nil), beam: 8, threads: 2)
    let workspace = quantizer.makeWorkspace()
    quantizer.encode(rows, count: 256, codes: codes, worker: 0, workspace)      // rows become what is left over
    quantizer.decode(codes, count: 256, layers: 8, into: rows, workspace)
}

private func codeStatisticsExample(codes: [[Int]], sums: UnsafeBufferPointer<Double>) {
    var statistics = CodeStatistics(codewords: [256, 256], dimension: 128)
    statistics.add(codes: { codes[$0][$1] }, count: 1024)
    statistics.add(sums)                                    // of a block: see `Sums`
    statistics.summary.distortion                           // squared error over the vectors' variance
}

private func blockPassExample(world: any Communicator, team: Team) throws {
    let pass = BlockPass(items: 10_000_000, blockRows: 1024, bytesPerBlock: 8192, communicator: world, team: team)
    try pass.run(progress: "quantizing") { items, worker, result in
        result.storeBytes(of: UInt64(items.count), as: UInt64.self)     // up to bytesPerBlock bytes
    } receive: { items, bytes in
        print(items, bytes.load(as: UInt64.self))           // on the coordinator, block after block
    }
}
