// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func scratchFileExample() throws {
    let file = try ScratchFile(folder: "/scratch", bytes: 20 << 30)
    file.start                                    // 20 GiB of zeros, written and read like memory
    file.prefetch(0..<1 << 20)                    // will be needed soon
    file.release(0..<1 << 20)                     // is not needed for a while; what was written stays
}
