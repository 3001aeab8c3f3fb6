import Datasets
import Foundation
import MethodKit
import Training

/// The study of one toy source: every method's rate-distortion curve, by one run on any number of ranks.
///
///     let study = try ToyStudy(settings: settings)
///     let record = try study.run(RunContext(loop: loop, parts: FinishedParts()))      // nil if a signal stopped it
///     record?.curve(of: .ecvq)
///
/// Source: NVTC paper, section 3.
public struct ToyStudy {
    let settings: ToySettings
    let source: ToySource

    /// Finds the source; nothing is drawn yet.
    /// - Throws: `LloydError` for a source or dimension that does not exist.
    init(settings: ToySettings) throws {
        self.settings = settings
        source = try ToySource(settings.source, dimension: settings.dimension)
    }

    /// Trains and measures all points that are not finished already.
    /// - Returns: the record; nil if a signal stopped the run.
    /// - Throws: `LloydError` for settings that cannot be trained with, or for a damaged file of a finished point.
    func run(_ run: RunContext<FinishedParts<ToyRecord.Point>>) throws -> ToyRecord? {
        let (loop, shards) = (run.loop, run.shards)
        let store = PointStore(parts: run.parts)
        var done = 0.0
        let whole = settings.methods.reduce(0) { $0 + settings.effort(of: $1) }
        for method in settings.methods {
            let next = done + settings.effort(of: method) / whole
            let span = done...min(1, next)
            done = min(1, next)
            let finished =
                switch method {
                case .vq, .ecvq:
                    try CodebookCurve(settings: settings, source: source, shards: shards, method: method).run(
                        loop, store: store, spanning: span)
                case .ntc:
                    try NTCCurve(settings: settings, source: source, shards: shards).run(
                        loop, store: store, spanning: span)
                case .ntvq, .ntecvq:
                    try LatentVQCurve(settings: settings, source: source, shards: shards, method: method).run(
                        loop, store: store, spanning: span)
                }
            guard finished else { return nil }
        }
        return ToyRecord(
            title: settings.title, source: source.name.rawValue, dimension: source.dimension,
            testSamples: settings.testSamples, seed: Int(settings.seed), points: inOrder(store.points))
    }

    /// Points by method, then by lambda or codewords: whatever the order of training, and of resuming.
    private func inOrder(_ points: [ToyRecord.Point]) -> [ToyRecord.Point] {
        ToyMethod.allCases.flatMap { method in
            points.filter { $0.method == method }.sorted {
                ($0.lambda ?? Double($0.codewords ?? 0)) < ($1.lambda ?? Double($1.codewords ?? 0))
            }
        }
    }
}
