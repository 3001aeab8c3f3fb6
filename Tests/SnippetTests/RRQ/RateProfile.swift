import Quantization

@testable import RRQ

// swift-format-ignore
private func rateProfileExample(allocation: ReverseWaterFilling) throws {
    let blocks = RateProfile.blocks(dimension: 32256)       // 0..<1, 1..<2, ... 29578..<32256
    let bits = RateProfile.rates(allocation, blocks: blocks)
}
