import Numerics
import Training

/// Learns the mean and the bands' principal components from the training vectors, and applies them to all sets.
///
///     let fit = PreprocessingFit(transform: transform, train: train, others: [test], threads: 2)
///     try loop.run(fit)                                       // afterwards every set is decorrelated, in place
///
/// Four steps: the mean; the bands' covariances; their eigenvectors, each band on the shard of its number; the rotation.
public final class PreprocessingFit: TrainingMethod {
    private enum Stage { case mean, covariance, eigenvectors, rotation, finished }

    private let transform: DecorrelatingTransform
    private let train: VectorShards
    private let others: [VectorShards]
    private let widest: Int
    private let isFitted: Bool
    private var stage: Stage
    private var covariance: AlignedBuffer<Float>?
    private let scratch: [AlignedBuffer<Float>]

    /// - Parameters:
    ///   - train: the vectors to learn from, in band order (`DecorrelatingTransform.frequencies`).
    ///   - isFitted: the transform is fitted already and is only applied.
    public init(
        transform: DecorrelatingTransform, train: VectorShards, others: [VectorShards], isFitted: Bool = false,
        threads: Int
    ) {
        self.isFitted = isFitted
        stage = isFitted ? .rotation : .mean
        self.transform = transform
        self.train = train
        self.others = others
        widest = transform.subbands.bands.map(\.count).max() ?? 0
        let longest = ([train] + others).map(\.longestShard).max() ?? 0
        let size = transform.settings.principalComponents ? max(widest * longest, widest * widest) : 0
        scratch = (0..<threads).map { _ in AlignedBuffer(count: size) }
    }

    public var isFinished: Bool { stage == .finished }

    public var phase: String {
        switch stage {
        case .mean: "mean"
        case .covariance: "covariances of the bands"
        case .eigenvectors: "eigenvectors of the bands"
        case .rotation, .finished: "rotation"
        }
    }

    public var progress: Double {
        switch stage {
        case .mean: 0
        case .covariance: 0.1
        case .eigenvectors: 0.4
        case .rotation: 0.7
        case .finished: 1
        }
    }

    public var layout: StatisticsLayout {
        switch stage {
        case .mean: StatisticsLayout(sums: transform.dimension)
        // Row j holds dimension j's covariances within its band.
        case .covariance, .eigenvectors: StatisticsLayout(rows: transform.dimension, columns: widest)
        case .rotation, .finished: StatisticsLayout()
        }
    }

    public func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        try train.memory.check()
        switch stage {
        case .mean: addVectors(of: train[shard], to: statistics)
        case .covariance:
            center(train[shard])
            addCovariances(of: train[shard], to: statistics)
        case .eigenvectors:
            for band in transform.subbands.bands.indices where band % train.ranges.shards == shard {
                try solve(band: band, into: statistics)
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
        let sums = statistics.sums
        for item in 0..<matrix.rows {
            let row = matrix.pointer + item * matrix.columns
            for place in 0..<matrix.columns { sums[place] += Double(row[place]) }
        }
    }

    private func center(_ matrix: Matrix) {
        let mean = transform.mean.pointer
        for item in 0..<matrix.rows {
            let row = matrix.pointer + item * matrix.columns
            for place in 0..<matrix.columns { row[place] -= mean[place] }
        }
    }

    private func addCovariances(of matrix: Matrix, to statistics: Statistics) {
        guard transform.settings.principalComponents, matrix.rows > 0 else { return }
        for band in transform.subbands.bands {
            for row in band { statistics.touchRow(row) }
            let start = matrix.pointer + band.lowerBound
            gemm(
                rows: band.count, columns: band.count, inner: matrix.rows, a: start, transposeA: true,
                aStride: matrix.columns, b: start, bStride: matrix.columns,
                c: statistics.bulk + band.lowerBound * widest, cStride: widest)
        }
    }

    private func solve(band index: Int, into statistics: Statistics) throws {
        let band = transform.subbands.bands[index]
        let matrix = Matrix(rows: band.count, columns: band.count)
        for row in 0..<band.count {
            (matrix.pointer + row * band.count).update(
                from: covariance!.pointer + (band.lowerBound + row) * widest, count: band.count)
        }
        let (vectors, _) = try symmetricEigen(matrix)
        for row in 0..<band.count {
            statistics.handOver(row: band.lowerBound + row, vectors.pointer + row * band.count, count: band.count)
        }
    }

    /// The fitted transform, without which nobody can tell what the codebooks mean.
    public func takeArtifacts() -> [Artifact] {
        guard stage == .finished, !isFitted else { return [] }
        return [Artifact(path: TransformFile.name) { [transform] in try TransformFile.write(transform, to: $0) }]
    }

    public func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        switch stage {
        case .mean:
            for place in 0..<transform.dimension {
                transform.mean[place] = Float(total.sums[place] / Double(train.count))
            }
            stage = .covariance
        case .covariance:
            if transform.settings.principalComponents {
                // The total's memory is lent out again in the next step.
                covariance = AlignedBuffer(count: total.layout.bulk)
                covariance!.pointer.update(from: total.bulk, count: total.layout.bulk)
                stage = .eigenvectors
            } else {
                stage = .rotation
            }
        case .eigenvectors:
            transform.bases = transform.subbands.bands.map { band in
                let basis = Matrix(rows: band.count, columns: band.count)
                for row in 0..<band.count {
                    (basis.pointer + row * band.count).update(
                        from: total.bulk + (band.lowerBound + row) * widest, count: band.count)
                }
                return basis
            }
            covariance = nil
            stage = .rotation
        case .rotation, .finished: stage = .finished
        }
        return nil
    }
}
