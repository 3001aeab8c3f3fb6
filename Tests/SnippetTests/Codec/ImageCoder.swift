// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Datasets
import Foundation
import Training

@testable import Codec

private func imageCoderExample(coder: any ImageCoder, image: Image) throws {
    let coded = try coder.code(image, name: "kodim01.png")
    let restored = try coder.restore(coded.data, name: "kodim01.png")
    print(restored.indices == coded.indices)                // true
}
