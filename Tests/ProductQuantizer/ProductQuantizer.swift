import Core
import Datasets
import Foundation
import MethodKit
import Quantization
import Reporting
import Training

/// Product quantization: a vector's components are cut into parts, each with a K-means codebook of its own.
///
/// The example of a method of one's own: this folder is all of it, and `main.swift` names it.
///
/// Source: Jégou, Douze, Schmid, "Product quantization for nearest neighbor search", IEEE Trans. PAMI 33 (2011).
struct ProductQuantizer: Method {
    static let name = "pq"
    static let summary = "a K-means codebook for each part of a vector"

    // MARK: Settings and keys

    struct Settings: ConfigurableSettings {
        var parts = 4
        var codewords = 16
        /// Most passes over the vectors.
        var iterations = 20
    }

    struct OwnKeys: KeyGroup {
        let parts = Key("pq.parts", .integer(1...1024), "Parts of a vector.", into: \Settings.parts)
        let codewords = Key("pq.codewords", .integer(2...65536), "K of each part.", into: \Settings.codewords)
        let iterations = Key("pq.iterations", .integer(1...10_000), "Most passes.", into: \Settings.iterations)
    }

    static let own = OwnKeys()
    static let keys: [any ConfigKey] = Keys.vectors + own.all + Keys.checkpoint.all

    let settings: Settings
    let config: Config

    init(_ config: Config) throws {
        settings = config.settings()
        self.config = config
    }

    // MARK: Run

    /// What is known of a finished part.
    struct Part: Codable {
        /// From 1.
        var part: Int
        var dimensions: Int
        /// Squared error per vector.
        var distortion: Double
        var passes: Int
    }

    struct Record: Codable {
        var data: String
        var count: Int
        var dimension: Int
        var codewords: Int
        var parts: [Part]

        var distortion: Double { parts.reduce(0) { $0 + $1.distortion } }
        /// Bits per vector.
        var bits: Double { Double(parts.count) * log2(Double(codewords)) }
    }

    func open(_ opening: DataOpening) throws -> any VectorSource {
        let source = try config.makeVectors(opening)
        guard settings.parts <= source.dimension else {
            throw config.fault(
                Self.own.parts, "\(settings.parts) parts cannot be made of \(source.dimension) dimensions",
                remedy: "use at most \(source.dimension)")
        }
        return source
    }

    func run(_ run: RunContext<FinishedParts<Part>>, _ source: any VectorSource) throws -> Record? {
        let loop = run.loop
        let vectors = try loop.measure("read data") {
            try VectorShards.load(source, name: "train", reduction: loop.reduction) { read, kept, _ in
                kept.update(from: read, count: source.dimension)
            }
        }
        let columns = ShardRange(count: source.dimension, shards: settings.parts)
        for part in 0..<settings.parts {
            let id = "part-\(part + 1)"
            if run.parts.holds(id) { continue }
            let share = 1 / Double(settings.parts)
            loop.begin(
                "part \(part + 1) of \(settings.parts)", id: id,
                spanning: Double(part) * share...min(1, Double(part + 1) * share))
            let training = try LloydTraining(
                vectors: Columns(vectors, columns[part]),
                settings: .init(codewords: settings.codewords, iterations: settings.iterations),
                update: KMeansUpdate(seed: config.seed), seed: config.seed, step: part)
            guard let passes = try training.run(on: loop) else { return nil }
            let codebook = Artifact(path: "codebooks/\(id).safetensors") {
                try SafeTensors.write(["codewords": Tensor(passes.codebook)], to: $0)
            }
            let finished = Part(
                part: part + 1, dimensions: columns[part].count, distortion: passes.distortion,
                passes: passes.iteration)
            try run.parts.finish(finished, id: id, files: [codebook], row: nil, loop)
        }
        return Record(
            data: source.name, count: source.count, dimension: source.dimension, codewords: settings.codewords,
            parts: run.parts.all.sorted { $0.part < $1.part })
    }

    // MARK: Plan, report, comparison

    func planner(_ request: PlanRequest) throws -> any Planner {
        let source = try open(DataOpening(search: DamagedImageSearch(headersOnly: true)))
        let (count, dimension) = (source.count, source.dimension)
        let columns = ShardRange(count: dimension, shards: settings.parts)
        return StepPlanner(
            method: Self.name, items: (train: count, test: 0), dimension: dimension, request: request,
            dataBytes: 8 * Double(count * dimension),
            steps: (0..<settings.parts).map { part in
                PlannedStep(
                    "assign", count: settings.iterations,
                    operations: 2 * Double(count * columns[part].count * settings.codewords),
                    statistics: StatisticsLayout(
                        rows: settings.codewords, columns: columns[part].count, sums: 2 * settings.codewords + 1))
            })
    }

    static func report(_ run: FinishedRun<Record>, _ options: ReportOptions) throws -> MethodReport {
        let record = run.record
        var page = ReportPage(
            title: run.run.title, subtitle: "\(record.parts.count) codebooks of \(record.codewords) on \(record.data)")
        page.add(
            "Distortion",
            [
                .keyValues([("Bits per vector", "\(record.bits)"), ("Squared error", "\(record.distortion)")]),
                .chart(
                    LineChart(
                        title: "Squared error of each part", x: Axis("Part"), y: Axis("Squared error per vector"),
                        series: [
                            .init(
                                "K-means", x: record.parts.map { Double($0.part) }, y: record.parts.map(\.distortion))
                        ]), stem: "distortion"),
            ])
        page.sections += SharedSections.closing(run.run)
        return MethodReport(page: page, data: try JSONValue(encoding: record))
    }

    static func compare(_ runs: [FinishedRun<Record>], _ options: ReportOptions) throws -> MethodComparison {
        var result = MethodComparison { name in
            try runs.first { $0.name == name }.map { try JSONValue(encoding: $0.record) } ?? .null
        }
        let table = ReportTable(
            columns: [
                .init("Run"), .init("Parts", decimals: 0), .init("Rate", unit: "bits", decimals: 1),
                .init("Squared error", decimals: 5, best: .lowest),
            ],
            rows: runs.map {
                [
                    .text($0.name), .number(Double($0.record.parts.count)), .number($0.record.bits),
                    .number($0.record.distortion),
                ]
            })
        result.sections = [ReportSection("Product quantizers", [.table(table)])]
        return result
    }
}
