import Numerics
import Quantization
import RRQ
import Training

/// Measures a finished codebook on a training and a test set: distortion of every dimension, use of every codeword.
final class StudyMeasurement: TrainingMethod {
    private let codebook: SparseCodebook
    private let sets: [VectorShards]
    private let layer: Layer
    private let fields: [Fields]
    let layout: StatisticsLayout
    private let memory: [(compact: AlignedBuffer<Float>, indices: AlignedBuffer<Int32>)]
    private(set) var outcome: CodebookStudyRecord.Outcome?

    /// What is summed up of a set.
    private struct Fields {
        let energy: SumField
        /// Squared error of every dimension.
        let distortions: SumsField
        /// Vectors of every codeword.
        let usage: SumsField
    }

    init(codebook: SparseCodebook, train: VectorShards, test: VectorShards, threads: Int) {
        self.codebook = codebook
        sets = [train, test]
        var layout = StatisticsLayout()
        fields = sets.map { _ in
            Fields(
                energy: layout.addSum(), distortions: layout.addSums(codebook.dimension),
                usage: layout.addSums(codebook.codewords))
        }
        self.layout = layout
        layer = Layer(codebook: codebook, guides: [], threads: threads)
        let longest = max(train.longestShard, test.longestShard, 1)
        memory = (0..<threads).map { _ in
            (AlignedBuffer(count: longest * codebook.active.count), AlignedBuffer(count: longest))
        }
    }

    var phase: String { "measure" }
    var isFinished: Bool { outcome != nil }
    var progress: Double { isFinished ? 1 : 0 }

    func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let active = codebook.active.count
        for (number, set) in sets.enumerated() {
            let matrix = set[shard]
            let own = fields[number]
            let (distortions, usage) = (statistics[own.distortions], statistics[own.usage])
            let compact = memory[worker].compact.pointer
            for item in 0..<matrix.rows {
                let row = matrix.pointer + item * matrix.columns
                statistics[own.energy] += squaredNorm(row, matrix.columns)
                for column in 0..<matrix.columns { distortions[column] += Double(row[column]) * Double(row[column]) }
                codebook.gather(row, into: compact + item * active)
            }
            let indices = memory[worker].indices.pointer
            layer.choose(
                compact, count: matrix.rows, guides: nil, indices: indices, worker: worker)
            for item in 0..<matrix.rows {
                let codeword = codebook.values.pointer + Int(indices[item]) * active
                usage[Int(indices[item])] += 1
                for (index, dimension) in codebook.active.enumerated() {
                    let before = Double(compact[item * active + index])
                    let after = before - Double(codeword[index])
                    distortions[Int(dimension)] += after * after - before * before
                }
            }
        }
    }

    func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        var variances = [Double](repeating: 0, count: codebook.dimension)
        for (dimension, value) in zip(codebook.active, codebook.variances()) { variances[Int(dimension)] = value }
        func perDimension(_ number: Int) -> [Double] {
            total[fields[number].distortions].map { $0 / Double(sets[number].count) }
        }
        let (train, test) = (perDimension(0), perDimension(1))
        outcome = CodebookStudyRecord.Outcome(
            trainDistortion: train.reduce(0, +) * Double(sets[0].count) / total[fields[0].energy],
            testDistortion: test.reduce(0, +) * Double(sets[1].count) / total[fields[1].energy],
            activeDimensions: codebook.active.count, codewordsUsed: total[fields[0].usage].count { $0 > 0 },
            codebookVariances: variances,
            trainDistortions: train, testDistortions: test)
        return nil
    }
}
