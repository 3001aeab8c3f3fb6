import Foundation

@testable import ToySources

// swift-format-ignore
private func toyRecordExample(data: Data) throws {
    let record = try JSONDecoder().decode(ToyRecord.self, from: data)
    let ecvq = record.curve(of: .ecvq)                      // points in the order of their rates
    ecvq.map(\.bitsPerDimension)                            // [0.486, 0.779, ...]
}
