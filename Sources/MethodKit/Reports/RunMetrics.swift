import Foundation
import Reporting

/// The metrics of a run, column by column.
///
///     let metrics = try RunMetrics(run)
///     metrics["loss"]                                         // a value for each row, NaN if there is none
///     metrics.kinds                                           // "train", "validation" ...: the column "kind"
public struct RunMetrics {
    /// Its name in the run folder.
    public static let fileName = "metrics.csv"

    /// The column "kind", row by row.
    public let kinds: [String]
    private let columns: [String: [Double]]

    /// Rows without the heading.
    public var rows: Int { kinds.count }

    /// The values of a column; nil if the run has no such column.
    public subscript(name: String) -> [Double]? { columns[name] }

    /// - Throws: `LloydError` naming the file and the line that is damaged.
    public init(_ run: RunContents) throws {
        try self.init(csv: try run.read(Self.fileName), file: run.path + "/" + Self.fileName)
    }

    /// - Parameter file: what errors call the file.
    /// - Throws: `LloydError` naming the line that is damaged.
    public init(csv: Data, file: String) throws {
        let lines = csv.split(separator: UInt8(ascii: "\n"))
        let names = lines.first.map { Self.fields($0) } ?? []
        guard let kind = names.firstIndex(of: "kind"), Set(names).count == names.count else {
            throw LloydError(
                at: file, item: "line 1", problem: "names no column `kind`, or a column twice",
                remedy: "Train the run again, or restore the file.")
        }
        var kinds: [String] = []
        var values = Array(repeating: [Double](), count: names.count)
        for (index, line) in lines.enumerated().dropFirst() {
            let fields = Self.fields(line)
            guard fields.count == names.count else {
                throw LloydError(
                    at: file, item: "line \(index + 1)",
                    problem: "has \(fields.count) values for \(names.count) columns",
                    remedy: "Train the run again, or restore the file.")
            }
            for (column, field) in fields.enumerated() {
                if column == kind {
                    kinds.append(field)
                    values[column].append(.nan)
                    continue
                }
                guard let number = field.isEmpty ? .nan : Double(field) else {
                    throw LloydError(
                        at: file, item: "line \(index + 1), \(names[column])",
                        problem: "“\(field)” is not a number",
                        remedy: "Train the run again, or restore the file.")
                }
                values[column].append(number)
            }
        }
        self.kinds = kinds
        columns = Dictionary(uniqueKeysWithValues: zip(names, values))
    }

    /// The metrics that are read here hold words and numbers only: no field is in quotation marks.
    private static func fields(_ line: Data) -> [String] {
        line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespaces) }
    }
}
