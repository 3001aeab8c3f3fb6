import CodebookStudy
import MethodKit
import NVTC
import RRQ
import Reporting
import ToySources

/// The program's own methods.
enum Methods {
    static let all: [any Method.Type] = [
        RRQMethod.self, CodebookStudyMethod.self, ToyStudyMethod.self, NVTCMethod.self,
    ]
    static let schema = Schema(all)
}

extension Config {
    init(text: String, file: String, settings: [String] = []) throws {
        try self.init(text: text, file: file, settings: settings, schema: Methods.schema)
    }

    init(file: String, settings: [String] = []) throws {
        try self.init(file: file, settings: settings, schema: Methods.schema)
    }

    func makeNVTCSettings() throws -> NVTCSettings { try NVTCSettings(self) }
    func makeToySettings() throws -> ToySettings { try ToySettings(self) }
    func makeTrainingImages() throws -> NVTCImages { try .training(self) }
    func readPublishedCurves() throws -> PublishedToyCurves? { try ToyStudyMethod.publishedCurves(self) }

    /// What `lloyd train` asks before it trains.
    func requireWork(forRanks ranks: Int) throws {
        try requireShards(forRanks: ranks)
        try method.init(self).requireWork(forRanks: ranks)
    }
}
