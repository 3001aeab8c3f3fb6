import MethodKit
import Quantization
import Training

// swift-format-ignore
private func activeEntriesExample(train: VectorShards, codebook: SparseCodebook, update: any CodewordUpdate) throws {
    let store = ActiveEntries.Store(owned: train.owned)
    let entries = ActiveEntries(of: train, codebook: codebook, version: 0, store: store)
    let training = try LloydTraining(
        vectors: entries, settings: .init(codewords: 256, iterations: 8), update: update, seed: 1)
}
