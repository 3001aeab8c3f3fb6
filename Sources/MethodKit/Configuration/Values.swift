/// The values that a key takes, and how they stand in a config.
///
///     Values<Int>.integer(1...100)
///     Values<Double?>.optionalPositive(1e9)                   // a number above 0, or null
///     Values<DataSource>.choice                               // the raw values of an enumeration
public struct Values<Value> {
    /// What is accepted.
    public let kind: ConfigKind
    let decode: (ConfigValue) -> Value
    let encode: (Value) -> ConfigValue

    /// - Parameters:
    ///   - decode: is given values of this kind only.
    ///   - encode: gives values of this kind.
    public init(
        _ kind: ConfigKind, decode: @escaping (ConfigValue) -> Value, encode: @escaping (Value) -> ConfigValue
    ) {
        self.kind = kind
        self.decode = decode
        self.encode = encode
    }
}

extension ConfigValue {
    /// A value of the kind that its key has been parsed as.
    fileprivate func mismatch() -> Never { preconditionFailure("\(self) is not a value of its key's kind") }

    var asBoolean: Bool { if case .boolean(let value) = self { value } else { mismatch() } }
    var asInteger: Int { if case .integer(let value) = self { value } else { mismatch() } }
    var asReal: Double { if case .real(let value) = self { value } else { mismatch() } }
    var asText: String { if case .text(let value) = self { value } else { mismatch() } }
    var asIntegers: [Int] { if case .integers(let values) = self { values } else { mismatch() } }
    var asReals: [Double] { if case .reals(let values) = self { values } else { mismatch() } }
    var asTexts: [String] { if case .texts(let values) = self { values } else { mismatch() } }
}

extension Values where Value == Bool {
    /// true or false.
    public static var boolean: Self { Self(.boolean, decode: \.asBoolean, encode: { .boolean($0) }) }
}

extension Values where Value == Int {
    /// A whole number in a range.
    public static func integer(_ range: ClosedRange<Int>) -> Self {
        Self(.integer(range), decode: \.asInteger, encode: { .integer($0) })
    }
}

extension Values where Value == Int? {
    /// An integer of at least 0, where 0 stands for nil.
    public static func integerOrZero(_ most: Int) -> Self {
        Self(.integer(0...most), decode: { $0.asInteger > 0 ? $0.asInteger : nil }, encode: { .integer($0 ?? 0) })
    }
}

extension Values where Value == UInt64 {
    /// A whole number of at least 0.
    public static var seed: Self {
        Self(.integer(0...Int.max), decode: { UInt64($0.asInteger) }, encode: { .integer(Int($0)) })
    }
}

extension Values where Value == Double {
    /// A number in a range.
    public static func real(_ range: ClosedRange<Double>) -> Self {
        Self(.real(range), decode: \.asReal, encode: { .real($0) })
    }

    /// A number above 0.
    public static func positive(_ most: Double) -> Self {
        Self(.positive(most), decode: \.asReal, encode: { .real($0) })
    }
}

extension Values where Value == Double? {
    /// A number above 0, or null.
    public static func optionalPositive(_ most: Double) -> Self {
        Self(
            .optionalPositive(most), decode: { $0 == .none ? nil : $0.asReal },
            encode: { $0.map { .real($0) } ?? .none })
    }
}

extension Values where Value == String {
    /// Any text.
    public static var text: Self { Self(.text, decode: \.asText, encode: { .text($0) }) }

    /// One of these names.
    public static func choice(_ names: [String]) -> Self {
        Self(.choice(names), decode: \.asText, encode: { .text($0) })
    }
}

extension Values where Value == String? {
    /// A text, or null.
    public static var optionalText: Self {
        Self(.optionalText, decode: { $0 == .none ? nil : $0.asText }, encode: { $0.map { .text($0) } ?? .none })
    }
}

extension Values where Value == [Int] {
    /// A list of whole numbers in a range.
    public static func integers(_ range: ClosedRange<Int>) -> Self {
        Self(.integers(range), decode: \.asIntegers, encode: { .integers($0) })
    }
}

extension Values where Value == [Double] {
    /// A list of numbers in a range.
    public static func reals(_ range: ClosedRange<Double>) -> Self {
        Self(.reals(range), decode: \.asReals, encode: { .reals($0) })
    }

    /// Numbers above 0.
    public static func positives(_ most: Double) -> Self {
        Self(.positives(most), decode: \.asReals, encode: { .reals($0) })
    }
}

extension Values where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// The name of one of the enumeration's cases.
    public static var choice: Self {
        Self(
            .choice(Value.allCases.map(\.rawValue)), decode: { Value(rawValue: $0.asText)! },
            encode: { .text($0.rawValue) })
    }
}

extension Values {
    /// A list of names of an enumeration's cases.
    public static func choices<Element: RawRepresentable & CaseIterable>() -> Self
    where Value == [Element], Element.RawValue == String {
        Self(
            .choices(Element.allCases.map(\.rawValue)), decode: { $0.asTexts.map { Element(rawValue: $0)! } },
            encode: { .texts($0.map(\.rawValue)) })
    }
}
