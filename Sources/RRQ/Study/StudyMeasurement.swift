import Numerics
import Quantization
import Training

/// Measures a finished codebook on a training and a test set: distortion of every dimension, use of every codeword.
final class StudyMeasurement: TrainingMethod {
    private let codebook: SparseCodebook
    private let sets: [VectorShards]
    private let layer: Layer
    private let memory: [(compact: AlignedBuffer<Float>, indices: AlignedBuffer<Int32>)]
    private(set) var outcome: CodebookStudyRecord.Outcome?

    init(codebook: SparseCodebook, train: VectorShards, test: VectorShards, threads: Int) {
        self.codebook = codebook
        sets = [train, test]
        layer = Layer(codebook: codebook, guides: [], threads: threads)
        let longest = max(train.longestShard, test.longestShard, 1)
        memory = (0..<threads).map { _ in
            (AlignedBuffer(count: longest * codebook.active.count), AlignedBuffer(count: longest))
        }
    }

    var phase: String { "measure" }
    var isFinished: Bool { outcome != nil }
    var progress: Double { isFinished ? 1 : 0 }
    /// For each set: energy, then the distortion of every dimension, then the use of every codeword.
    private var stride: Int { 1 + codebook.dimension + codebook.codewords }
    var layout: StatisticsLayout { StatisticsLayout(sums: sets.count * stride) }

    func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let active = codebook.active.count
        for (number, set) in sets.enumerated() {
            let matrix = set[shard]
            let sums = statistics.sums.baseAddress! + number * stride
            let distortions = sums + 1
            let usage = distortions + codebook.dimension
            let compact = memory[worker].compact.pointer
            for item in 0..<matrix.rows {
                let row = matrix.pointer + item * matrix.columns
                sums[0] += squaredNorm(row, matrix.columns)
                for place in 0..<matrix.columns { distortions[place] += Double(row[place]) * Double(row[place]) }
                codebook.gather(row, into: compact + item * active)
            }
            let indices = memory[worker].indices.pointer
            layer.choose(
                compact, count: matrix.rows, guides: nil, indices: indices, worker: worker)
            for item in 0..<matrix.rows {
                let codeword = codebook.values.pointer + Int(indices[item]) * active
                usage[Int(indices[item])] += 1
                for (place, dimension) in codebook.active.enumerated() {
                    let before = Double(compact[item * active + place])
                    let after = before - Double(codeword[place])
                    distortions[Int(dimension)] += after * after - before * before
                }
            }
        }
    }

    func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        var variances = [Double](repeating: 0, count: codebook.dimension)
        for (place, value) in codebook.variances().enumerated() { variances[Int(codebook.active[place])] = value }
        func perDimension(_ number: Int) -> [Double] {
            let start = number * stride + 1
            return total.sums[start..<start + codebook.dimension].map { $0 / Double(sets[number].count) }
        }
        func used(_ number: Int) -> Int {
            let start = number * stride + 1 + codebook.dimension
            return total.sums[start..<start + codebook.codewords].reduce(0) { $1 > 0 ? $0 + 1 : $0 }
        }
        let (train, test) = (perDimension(0), perDimension(1))
        outcome = CodebookStudyRecord.Outcome(
            trainDistortion: train.reduce(0, +) * Double(sets[0].count) / total.sums[0],
            testDistortion: test.reduce(0, +) * Double(sets[1].count) / total.sums[stride],
            activeDimensions: codebook.active.count, codewordsUsed: used(0), codebookVariances: variances,
            trainDistortions: train, testDistortions: test)
        return nil
    }
}
