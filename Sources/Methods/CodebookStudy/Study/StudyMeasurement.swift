import Numerics
import Quantization
import Training

/// Measures a finished codebook on a training and a test set: distortion of every dimension, use of every codeword.
final class StudyMeasurement: TrainingMethod {
    private let codebook: SparseCodebook
    private let sets: [VectorShards]
    private let search: NearestCodeword
    private let fields: [Fields]
    let layout: StatisticsLayout
    private let memory: [WorkerMemory]
    private(set) var outcome: CodebookStudyRecord.Outcome?

    /// Buffers of one thread.
    private struct WorkerMemory {
        /// The active entries of a shard's vectors.
        let compact: AlignedBuffer<Float>
        let indices: AlignedBuffer<Int32>
        let search: NearestCodeword.Workspace
    }

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
        let search = NearestCodeword(codewords: codebook.codewords, dimension: codebook.active.count)
        search.prepare(codebook.values.pointer, stride: codebook.values.columns)
        self.search = search
        let longest = max(train.longestShard, test.longestShard, 1)
        memory = (0..<threads).map { _ in
            WorkerMemory(
                compact: AlignedBuffer(count: longest * codebook.active.count), indices: AlignedBuffer(count: longest),
                search: search.makeWorkspace())
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
            search.assign(
                compact, count: matrix.rows, stride: active, indices: indices, squaredDistances: nil,
                workspace: memory[worker].search)
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
