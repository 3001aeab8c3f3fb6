@testable import ToySources

// swift-format-ignore
private func toyMethodExample() throws {
    ToyMethod.ntecvq.title                                  // "NT-ECVQ"
    ToyMethod(rawValue: "ntc")                              // .ntc
    ToyMethod.allCases.map(\.rawValue)
}
