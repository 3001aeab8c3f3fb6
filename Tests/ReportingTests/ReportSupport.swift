import CodebookStudy
import Foundation
import MethodKit
import NVTC
import RRQ
import Reporting
import ToySources

/// The program's own methods.
private let schema = Schema([RRQMethod.self, CodebookStudyMethod.self, ToyStudyMethod.self, NVTCMethod.self])

extension RunReport {
    @discardableResult
    static func write(
        runFolder: String, out: String? = nil, anchors: String? = nil, pictures: Bool = true
    ) throws -> WrittenReport {
        try write(
            runFolder: runFolder, out: out, options: ReportOptions(anchors: anchors, pictures: pictures), schema: schema
        )
    }
}

extension ComparisonReport {
    init(
        _ paths: [String], title: String, anchors: String? = nil, reference: String? = nil, pictures: [String] = [],
        originals: String? = nil
    ) throws {
        try self.init(
            paths, title: title, anchors: anchors, reference: reference, pictures: pictures, originals: originals,
            schema: schema)
    }
}
