import Core
import Datasets
import Foundation
import Messaging
import Testing
import Training

@testable import NVTC

@Suite(.timeLimit(.minutes(15))) struct PrefetchTests {
    /// Images that count how often they are decoded, and of which one may be missing.
    private final class CountedImages: ImageCollection {
        let asked = Locked([Int: Int]())
        let missing: Int?

        init(missing: Int? = nil) { self.missing = missing }

        var count: Int { Small.images.count }
        func name(_ index: Int) -> String { Small.images.name(index) }
        func size(_ index: Int) -> (height: Int, width: Int) { Small.images.size(index) }
        func image(_ index: Int) throws -> Image {
            asked.withLock { $0[index, default: 0] += 1 }
            guard index != missing else {
                throw LloydError(path: name(index), problem: "is gone", remedy: "bring it back")
            }
            return try Small.images.image(index)
        }
    }

    private func descent(
        _ images: any ImageCollection, _ settings: NVTCSettings, _ prefetching: Bool, threads: Int = 1
    ) -> NVTCDescent {
        var settings = settings
        settings.prefetching = prefetching
        return NVTCDescent(
            NVTCModel(settings.architecture, seed: 1), settings, lambda: 64, from: .newWeights, images: images,
            threads: threads)
    }

    private func run(_ descent: NVTCDescent, threads: Int = 1) throws {
        let loop = try TrainingLoop(communicator: SingleCommunicator(), team: Team(threads: threads), shards: 1)
        loop.stopRequested = { false }
        _ = try loop.run(descent, shards: descent.microBatches)
    }

    @Test(arguments: [1, 2]) func theSameBytesAndNoImageTwice(threads: Int) throws {
        var settings = Small.settings()
        settings.training.batch = 4
        settings.training.microBatch = 2
        let plain = descent(CountedImages(), settings, false)
        try run(plain)
        let images = CountedImages()
        let ahead = descent(images, settings, true, threads: threads)
        try run(ahead, threads: threads)
        let (wanted, found) = (plain.model.parameters.snapshot(), ahead.model.parameters.snapshot())
        #expect(wanted.elements.map(\.bitPattern) == found.elements.map(\.bitPattern))
        let decoded = images.asked.withLock { $0.values.reduce(0, +) }
        #expect(decoded == settings.training.steps * settings.training.batch, "one image for every crop, none more")
    }

    /// An image that cannot be read is an error in the step that needs it, not in the one before.
    @Test func errorsComeInTheStepThatNeedsTheImage() throws {
        let settings = Small.settings()
        for missing in 0..<Small.images.count {
            func steps(_ prefetching: Bool) -> Int {
                let descent = descent(CountedImages(missing: missing), settings, prefetching)
                #expect(throws: LloydError.self) { try run(descent) }
                return descent.step
            }
            #expect(steps(true) == steps(false), "image \(missing)")
        }
    }

    /// A run that is made anew in the middle, as after --resume, has asked for nothing yet.
    @Test func cropsThatNobodyAskedForAreMadeAtOnce() throws {
        let settings = Small.settings()
        let sampler = CropSampler(images: Small.images, size: settings.crop, seed: 5, stream: 0)
        let crops = CropPrefetch(sampler, ahead: 2, end: 20, isOn: true)
        let pass = NVTCPass(
            NVTCModel(settings.architecture, seed: 1), height: settings.crop, width: settings.crop,
            phase: settings.phase(step: 0, from: .newWeights))
        for item in [7, 9, 8, 11, 19, 3] {
            try crops.fill(pass, item: item)
            let found = (0..<pass.input.count).map { pass.input.data[$0] }
            try sampler.crop(item, isWhole: true).fill(pass)
            #expect(found == (0..<pass.input.count).map { pass.input.data[$0] }, "item \(item)")
        }
    }
}
