// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Datasets
import Foundation
import Training

@testable import Codec

private func picturePairsExample() throws {
    let pairs = try PicturePairs(originals: "kodak", decoded: "decoded").pairs
    print(pairs[0].name)                                    // "kodim01": the file's name without its extension
}
