import Core

/// Whether the record of a run holds together: what is read from a file is not trusted.
///
///     let check = RunRecordCheck(file: "runs/faces/record.json")
///     try check.require(record.dimension > 0, "dimension", "it is \(record.dimension)")
public struct RunRecordCheck {
    /// What errors call the record.
    public let file: String

    public init(file: String) { self.file = file }

    /// Dimensions that this program can count, in 32 bits.
    public static let dimensions = 1...Int(Int32.max)
    /// Whole numbers that JSON keeps exactly.
    public static let counts = 0...(1 << 53)

    /// A file's name is joined to the run's folder: it must stay within.
    public func requireName(_ name: String, _ item: String) throws {
        let isInside = !name.isEmpty && !name.hasPrefix("/") && !name.split(separator: "/").contains("..")
        try require(isInside, item, "“\(name.prefix(80))” does not lie in the run folder")
    }

    /// - Parameters:
    ///   - item: the field at fault.
    ///   - problem: what is wrong with it.
    /// - Throws: `LloydError` unless the condition holds.
    public func require(_ condition: Bool, _ item: String, _ problem: String) throws {
        guard !condition else { return }
        throw LloydError(
            at: file, item: item, problem: "the record is damaged: \(problem)",
            remedy: "Train the run again, or restore the file.")
    }
}
