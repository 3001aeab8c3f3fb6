import Numerics
import Training

/// Learns the mean and the bands' principal components from the training vectors, and applies them to all sets.
///
///     let fit = PreprocessingFit(transform: transform, train: train, others: [test], threads: 2)
///     _ = try loop.run(fit)                                   // afterwards every set is decorrelated, in place
///
/// Four steps: the mean; the bands' covariances; their eigenvectors, each band on the shard of its number; the rotation.
final class PreprocessingFit: TrainingMethod {
    private enum Stage {
        case mean
        case covariance
        /// Of the bands, whose covariances are given: row j holds those of dimension j within its band.
        case eigenvectors(AlignedBuffer<Float>)
        case rotation
        case finished
    }

    private let transform: DecorrelatingTransform
    private let train: VectorShards
    private let others: [VectorShards]
    private let widest: Int
    private let isFitted: Bool
    private var stage: Stage
    /// The sum of every dimension, in the first step.
    private let sums: SumsField
    private let meanLayout: StatisticsLayout
    /// A row for every dimension, in the steps of bands: its covariances, or entries of eigenvectors.
    private let rows: RowsField
    private let bandLayout: StatisticsLayout
    private let scratch: [AlignedBuffer<Float>]

    /// - Parameters:
    ///   - train: the vectors to learn from, in band order (`DecorrelatingTransform.frequencies`).
    ///   - isFitted: the transform is fitted already and is only applied.
    init(
        transform: DecorrelatingTransform, train: VectorShards, others: [VectorShards], isFitted: Bool = false,
        threads: Int
    ) {
        self.isFitted = isFitted
        stage = isFitted ? .rotation : .mean
        self.transform = transform
        self.train = train
        self.others = others
        widest = transform.subbands.bands.map(\.count).max() ?? 0
        var (meanLayout, bandLayout) = (StatisticsLayout(), StatisticsLayout())
        sums = meanLayout.addSums(transform.dimension)
        rows = bandLayout.addRows(transform.dimension, columns: widest)
        (self.meanLayout, self.bandLayout) = (meanLayout, bandLayout)
        let longest = ([train] + others).map(\.longestShard).max() ?? 0
        let size = transform.settings.principalComponents ? max(widest * longest, widest * widest) : 0
        scratch = (0..<threads).map { _ in AlignedBuffer(count: size) }
    }

    var isFinished: Bool { if case .finished = stage { true } else { false } }

    var phase: String {
        switch stage {
        case .mean: "mean"
        case .covariance: "covariances of the bands"
        case .eigenvectors: "eigenvectors of the bands"
        case .rotation, .finished: "rotation"
        }
    }

    var progress: Double {
        switch stage {
        case .mean: 0
        case .covariance: 0.1
        case .eigenvectors: 0.4
        case .rotation: 0.7
        case .finished: 1
        }
    }

    var layout: StatisticsLayout {
        switch stage {
        case .mean: meanLayout
        case .covariance, .eigenvectors: bandLayout
        case .rotation, .finished: StatisticsLayout()
        }
    }

    func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        try train.memory.check()
        switch stage {
        case .mean: addVectors(of: train[shard], to: statistics)
        case .covariance:
            center(train[shard])
            addCovariances(of: train[shard], to: statistics)
        case .eigenvectors(let covariance):
            for band in transform.subbands.bands.indices where band % train.ranges.shards == shard {
                try solve(band: band, covariance, into: statistics)
            }
        case .rotation:
            for set in others + (isFitted ? [train] : []) { center(set[shard]) }
            // Without components there is nothing to rotate, nor vectors to fetch for it.
            for set in [train] + others where transform.settings.principalComponents {
                transform.rotate(set[shard].pointer, count: set[shard].rows, scratch: scratch[worker].pointer)
            }
        case .finished: break
        }
    }

    private func addVectors(of matrix: Matrix, to statistics: Statistics) {
        let sums = statistics[sums]
        for item in 0..<matrix.rows {
            let row = matrix.pointer + item * matrix.columns
            for column in 0..<matrix.columns { sums[column] += Double(row[column]) }
        }
    }

    private func center(_ matrix: Matrix) {
        let mean = transform.mean.pointer
        for item in 0..<matrix.rows {
            let row = matrix.pointer + item * matrix.columns
            for column in 0..<matrix.columns { row[column] -= mean[column] }
        }
    }

    private func addCovariances(of matrix: Matrix, to statistics: Statistics) {
        guard transform.settings.principalComponents, matrix.rows > 0 else { return }
        for band in transform.subbands.bands {
            for row in band { statistics.touch(rows, row) }
            let start = matrix.pointer + band.lowerBound
            gemm(
                rows: band.count, columns: band.count, inner: matrix.rows, a: start, transposeA: true,
                aStride: matrix.columns, b: start, bStride: matrix.columns,
                c: statistics.row(rows, band.lowerBound), cStride: widest)
        }
    }

    private func solve(
        band index: Int, _ covariance: AlignedBuffer<Float>, into statistics: Statistics
    ) throws {
        let band = transform.subbands.bands[index]
        let matrix = Matrix(rows: band.count, columns: band.count)
        for row in 0..<band.count {
            (matrix.pointer + row * band.count).update(
                from: covariance.pointer + (band.lowerBound + row) * widest, count: band.count)
        }
        let (vectors, _) = try symmetricEigen(matrix)
        for row in 0..<band.count {
            statistics.handOver(rows, band.lowerBound + row, vectors.pointer + row * band.count, count: band.count)
        }
    }

    /// The fitted transform, without which codebooks mean nothing.
    func takeArtifacts() -> [Artifact] {
        guard isFinished, !isFitted else { return [] }
        return [
            Artifact(path: TransformFile.name, isPreparation: true) { [transform] in
                try TransformFile.write(transform, to: $0)
            }
        ]
    }

    func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        switch stage {
        case .mean:
            let sums = total[sums]
            for index in 0..<transform.dimension { transform.mean[index] = Float(sums[index] / Double(train.count)) }
            stage = .covariance
        case .covariance:
            if transform.settings.principalComponents {
                // The total's memory is lent out again in the next step.
                let covariance = AlignedBuffer<Float>(count: transform.dimension * widest)
                covariance.pointer.update(from: total.row(rows), count: covariance.count)
                stage = .eigenvectors(covariance)
            } else {
                stage = .rotation
            }
        case .eigenvectors:
            transform.bases = transform.subbands.bands.map { band in
                let basis = Matrix(rows: band.count, columns: band.count)
                for row in 0..<band.count {
                    (basis.pointer + row * band.count).update(
                        from: total.row(rows, band.lowerBound + row), count: band.count)
                }
                return basis
            }
            stage = .rotation
        case .rotation, .finished: stage = .finished
        }
        return nil
    }
}
