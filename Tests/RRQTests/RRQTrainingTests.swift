import Datasets
import Foundation
import Messaging
import Numerics
import Quantization
import Testing
import Training

@testable import CodebookStudy
@testable import RRQ

@Suite(.timeLimit(.minutes(10))) struct RRQTrainingTests {
    /// What a training left behind, on one member.
    struct Run {
        var records: [LayerRecord]
        var codebooks: [SparseCodebook]
        var originals: [[Float]]
        var residuals: [[Float]]
        var testResiduals: [[Float]]

        var bytes: [[UInt32]] {
            codebooks.map { $0.values.storage.elements.map(\.bitPattern) + $0.active.map(UInt32.init) }
        }
        var metrics: [String] { get throws { try records.map { try json($0) } } }
    }

    private func settings(
        _ method: RRQTraining.Settings.Method = .rrq, layers: Int = 5,
        _ initialization: FirstCodewords = .samples
    ) -> RRQTraining.Settings {
        var settings = RRQTraining.Settings()
        settings.method = method
        settings.layers = layers
        settings.codewords = 16
        settings.iterations = 5
        settings.initialization = initialization
        return settings
    }

    private func run(
        _ settings: RRQTraining.Settings, world: any Communicator = SingleCommunicator(), threads: Int = 1,
        given: [SparseCodebook] = []
    ) throws -> Run {
        let loop = try makeLoop(world, threads: threads, shards: 7)
        func source(_ purpose: RandomPurpose) -> VarianceDecayingGaussian {
            VarianceDecayingGaussian(count: 300, dimension: 40, decay: 0.1, seed: 3, purpose: purpose)
        }
        let train = try load(source(.syntheticTrain), loop)
        let test = try load(source(.syntheticTest), loop)
        let originals = train.rows
        let training = try RRQTraining(
            settings: settings, train: EncodedSet(train, peak: nil, threads: threads),
            others: [EncodedSet(test, peak: nil, threads: threads)], seed: 1, threads: threads,
            given: FinishedLayers(given))
        training.keepsCodebooks = true
        #expect(try training.run(on: loop) == .finished)
        return Run(
            records: training.records, codebooks: training.codebooks, originals: originals, residuals: train.rows,
            testResiduals: test.rows)
    }

    private func energy(_ rows: [[Float]]) -> Double {
        rows.reduce(0) { $0 + $1.reduce(0) { $0 + Double($1) * Double($1) } }
    }

    @Test(arguments: RRQTraining.Settings.Method.allCases, FirstCodewords.allCases)
    func trainingDistortionFallsInEveryLayer(
        method: RRQTraining.Settings.Method, initialization: FirstCodewords
    ) throws {
        let run = try run(settings(method, initialization))
        #expect(run.records.map(\.layer) == [1, 2, 3, 4, 5])
        let distortions = [1] + run.records.map(\.trainDistortion)
        #expect(zip(distortions, distortions.dropFirst()).allSatisfy { $1 < $0 })
        let measured = energy(run.residuals) / energy(run.originals)
        #expect(abs(run.records.last!.trainDistortion / measured - 1) < 1e-5)
        for (number, record) in run.records.enumerated() {
            #expect(record.bits == 4 * Double(number + 1))
            #expect(record.entropyBits > 0 && record.entropyBits <= record.bits + 1e-9)
            #expect(record.testDistortion! > record.boundDistortion)
            #expect(record.codewordsUsed >= 1 && record.codewordsUsed <= 16)
            #expect(record.trainPSNR == nil)
        }
    }

    /// Residual = original - codewords, and every codeword is the nearest one: checked by plain search in `Double`.
    @Test(arguments: RRQTraining.Settings.Method.allCases)
    func theReconstructionIsTheSumOfTheNearestCodewords(method: RRQTraining.Settings.Method) throws {
        let run = try run(settings(method))
        for (original, residual) in zip(run.originals, run.residuals) {
            var left = original.map(Double.init)
            for codebook in run.codebooks {
                func distance(_ codeword: Int) -> Double {
                    codebook.active.enumerated().reduce(0) {
                        let difference = left[Int($1.element)] - Double(codebook.values[codeword, $1.offset])
                        return $0 + difference * difference
                    }
                }
                let nearest = (0..<16).min { distance($0) < distance($1) }!
                for (place, dimension) in codebook.active.enumerated() {
                    left[Int(dimension)] -= Double(codebook.values[nearest, place])
                }
            }
            #expect(zip(left, residual).allSatisfy { abs($0 - Double($1)) < 1e-4 })
        }
    }

    @Test func onlyActiveDimensionsAreTouched() throws {
        let run = try run(settings(layers: 3))
        for (record, codebook) in zip(run.records, run.codebooks) {
            #expect(record.activeDimensions == codebook.active.count)
            #expect(codebook.values.columns == codebook.active.count && codebook.active.count < 40)
        }
        let touched = Set(run.codebooks.flatMap(\.active))
        try #require(touched.count < 40, "this source has dimensions below every water level")
        for (original, residual) in zip(run.originals, run.residuals) {
            for dimension in 0..<40 where !touched.contains(Int32(dimension)) {
                #expect(original[dimension] == residual[dimension])
            }
        }
        let first = ReverseWaterFilling(
            variances: (0..<40).map { j in run.originals.reduce(0) { $0 + Double($1[j]) * Double($1[j]) } / 300 },
            rate: 4)
        #expect(run.codebooks[0].active == first.active.map(Int32.init))
        #expect(abs(run.records[0].waterLevel! / first.waterLevel - 1) < 1e-9)
        #expect(abs(run.records[0].rateProfile.reduce(0, +) - 4) < 1e-6)
    }

    @Test(
        arguments: [
            (.rrq, .samples), (.rrq, .gaussian), (.kmeans, .plusPlus),
        ] as [(RRQTraining.Settings.Method, FirstCodewords)])
    func codebooksHaveTheSameBytesForAnyNumberOfMembersAndThreads(
        method: RRQTraining.Settings.Method, initialization: FirstCodewords
    ) throws {
        let settings = settings(method, layers: 4, initialization)
        let wanted = try run(settings)
        for members in 1...4 {
            for threads in [1, 2] {
                let runs = try InProcessCommunicator.run(size: members) {
                    try self.run(settings, world: $0, threads: threads)
                }
                for run in runs {
                    #expect(run.bytes == wanted.bytes, "\(members) members of \(threads) threads")
                    #expect(try run.metrics == wanted.metrics)
                }
                #expect(runs.flatMap(\.residuals) == wanted.residuals)
                #expect(runs.flatMap(\.testResiduals) == wanted.testResiduals)
            }
        }
    }

    @Test(arguments: [1, 3, 5]) func givenCodebooksGoOnWhereTheyEnded(count: Int) throws {
        let whole = try run(settings())
        let runs = try InProcessCommunicator.run(size: 2) {
            try self.run(self.settings(), world: $0, threads: 2, given: Array(whole.codebooks.prefix(count)))
        }
        for run in runs {
            #expect(run.bytes == whole.bytes)
            #expect(try run.metrics == whole.metrics)
        }
    }

    @Test func givenCodebooksMustFit() throws {
        for codebook in [
            SparseCodebook(dimension: 50, active: [0, 45], codewords: 16),
            SparseCodebook(dimension: 40, active: [0, 5], codewords: 17),
        ] {
            let error = #expect(throws: LloydError.self) { _ = try run(settings(), given: [codebook]) }
            #expect("\(error!)".contains("layer 1"))
        }
    }

    @Test func moreCodewordsThanVectors() throws {
        var settings = settings()
        settings.codewords = 301
        let error = #expect(throws: LloydError.self) { _ = try run(settings) }
        #expect("\(error!)".contains("rrq.codewords") && "\(error!)".contains("301") && "\(error!)".contains("300"))
    }

    private struct Given: VectorSource {
        var rows: [[Float]]
        var name: String { "given rows" }
        var count: Int { rows.count }
        var dimension: Int { rows[0].count }
        var imageShape: ImageShape? { nil }
        func itemName(_ index: Int) -> String { "row \(index)" }
        func group(_ index: Int) -> String? { nil }
        func read(_ index: Int, into destination: UnsafeMutableBufferPointer<Float>) throws {
            _ = destination.update(fromContentsOf: rows[index])
        }
    }

    private func train(_ rows: [[Float]], codewords: Int) throws -> [LayerRecord] {
        let loop = try makeLoop(shards: 3)
        var settings = settings(layers: 6)
        settings.codewords = codewords
        let training = try RRQTraining(
            settings: settings, train: EncodedSet(try load(Given(rows: rows), loop), peak: nil, threads: 1), others: [],
            seed: 1, threads: 1)
        _ = try training.run(on: loop)
        return training.records
    }

    @Test func dataWithNothingInItAreAnError() throws {
        let error = #expect(throws: LloydError.self) {
            _ = try train([[Float]](repeating: [0, 0, 0], count: 9), codewords: 4)
        }
        #expect("\(error!)".contains("the same"))
        #expect(throws: LloydError.self) {
            _ = try train([[1, 2], [Float.infinity, 1], [0, 0], [3, 3]], codewords: 2)
        }
    }

    /// Data that a few codewords hold exactly: later layers have nothing left and must neither fail nor diverge.
    @Test func dataThatIsUsedUp() throws {
        let rows = (0..<12).map { item -> [Float] in item % 2 == 0 ? [1, -1, 0.5] : [-1, 1, -0.5] }
        let records = try train(rows, codewords: 4)
        #expect(!records.isEmpty && records.allSatisfy { $0.trainDistortion.isFinite && $0.trainDistortion >= 0 })
        #expect(records.last!.trainDistortion <= 1)
    }

    @Test func aSmallStudyShowsWhatTableOneShows() throws {
        var settings = CodebookStudy.Settings()
        settings.trials = 2
        settings.trainCount = 400
        settings.testCount = 400
        settings.dimension = 200
        settings.decay = 0.02
        settings.codewords = 64
        settings.lambdas = [10, 1000]
        settings.iterations = 10
        let record = try #require(try CodebookStudy(settings: settings).run(makeLoop(threads: 2)))
        let table = record.table
        #expect(table.map(\.method) == [.kmeans, .random, .vrKmeans, .vrKmeans])
        #expect(table.map(\.lambda) == [nil, nil, 10, 1000])
        let kmeans = table[0]
        for regularized in table.dropFirst(2) {
            #expect(kmeans.train < regularized.train)
            #expect(regularized.test < kmeans.test)
            #expect(regularized.test < 1 && regularized.test > record.bound)
        }
        #expect(kmeans.train < record.bound, "K-means learns the training vectors by heart")
        let variances = (1...200).map { exp(-0.02 * Double($0)) }
        let ideal = ReverseWaterFilling(variances: variances, rate: 6)
        #expect(abs(record.bound - ideal.distortion / variances.reduce(0, +)) < 1e-12)
        #expect(record.activeDimensions == ideal.active.count)
        #expect(record.curves.count == 4 && record.curves.allSatisfy { $0.testDistortions.count == 200 })
        for curves in record.curves {
            let total = curves.testDistortions.reduce(0, +)
            #expect(total.isFinite && total > 0)
        }
    }

}
