import Datasets
import Foundation
import Numerics
import TestSupport
import Testing

@testable import Codec
@testable import NVTC

@Suite struct VectorTransformCodecTests {
    /// A small model with random weights, written to a file and read again.
    private static func model(
        seed: UInt64 = 3, transform: NVTCArchitecture.Transform = .vector, in folder: ScratchFolder,
        change: (NVTCModel) -> Void = { _ in }
    ) throws -> NVTCModelFile {
        var architecture = NVTCArchitecture(stages: [
            .init(
                factor: 4, layers: 2, width: 12, units: 1, block: 4, codewords: 13, dimension: 2, priorParameters: 2,
                priorLevels: 4),
            .init(
                factor: 2, layers: 1, width: 20, units: 2, block: 4, codewords: 32, dimension: 3, priorParameters: 3,
                priorLevels: 4),
            .init(
                factor: 2, layers: 2, width: 8, units: 1, block: 4, codewords: 7, dimension: 4, priorParameters: 2,
                priorLevels: 4),
        ])
        architecture.transform = transform
        architecture.scalingBlocks = 2
        architecture.priorWidth = 9
        architecture.priorBlocks = 1
        let model = NVTCModel(architecture, seed: seed)
        change(model)
        let path = folder / "nvtc-\(seed).safetensors"
        try NVTCModelFile.write(model, lambda: 100, steps: 0, isRateConstrained: true, to: path)
        return try NVTCModelFile(path)
    }

    private static func image(height: Int, width: Int, channels: Int = 3) -> Image {
        var image = Image(
            width: width, height: height, channels: channels,
            samples: [Float](repeating: 0, count: channels * height * width))
        for channel in 0..<channels {
            for row in 0..<height {
                for column in 0..<width {
                    let wave = sin(Double(row * (channel + 2)) * 0.11) * cos(Double(column) * 0.07 + Double(channel))
                    image[channel, row, column] = Float(0.5 + 0.4 * wave) + Float((row * 7 + column * 13) % 17) / 200
                }
            }
        }
        return image
    }

    @Test(arguments: [(1, 1), (64, 64), (63, 130), (17, 1100), (700, 70), (512, 768)])
    func whatIsEncodedIsDecoded(height: Int, width: Int) throws {
        let folder = try ScratchFolder()
        let model = try Self.model(in: folder)
        let image = Self.image(height: height, width: width)
        let codec = try VectorTransformCodec(model)
        let coded = try codec.encode(image)
        let data = coded.file.data
        let back = try VectorTransformCodec(model).decode(
            CodedFile(data, name: "a", kinds: [.vectorTransform]), name: "a")
        #expect(back.indices == coded.indices)
        #expect(back.image.width == width && back.image.height == height && back.image.channels == 3)
        // Threads share tiles and nothing else.
        let threaded = try VectorTransformCodec(model, threads: 3)
        #expect(try threaded.encode(image).file.data == data)
        #expect(
            try threaded.decode(CodedFile(data, name: "a", kinds: [.vectorTransform]), name: "a").image == back.image)
        let estimate = coded.layerBits.reduce(0, +) / 8
        let overhead = 24 + 12 * Double(coded.file.chunks.count)
        #expect(Double(data.count) <= estimate * 1.01 + overhead, "\(data.count) bytes for \(estimate)")
        #expect(Double(data.count) >= estimate * 0.99)
    }

    /// Tiles with their halos give what one pass over the whole image gives.
    @Test func tilesDoNotShow() throws {
        let folder = try ScratchFolder()
        let file = try Self.model(in: folder)
        let image = Self.image(height: 500, width: 1500)
        let codec = try VectorTransformCodec(file)
        let coded = try codec.encode(image)
        #expect(coded.file.chunks.count >= 4)
        let decoded = try codec.decode(coded.file, name: "a").image
        let model = try file.model()
        let pass = NVTCPass(
            model, height: 500, width: 1500, phase: .full(model.architecture), isTraining: false)
        pass.setObjective(lambda: 100, images: 1)
        pass.set(image)
        pass.tape.forward()
        let whole = pass.image
        // The arithmetic differs in the last bits: a codeword may be another one here and there.
        let far = zip(whole.samples, decoded.samples).filter { abs($0 - $1) > 1e-3 }.count
        #expect(Double(far) < 0.002 * Double(whole.samples.count), "\(far) of \(whole.samples.count)")
        #expect(abs(pass.bits - coded.layerBits.reduce(0, +)) < 1e-3 * pass.bits)
    }

    @Test func grayStaysGray() throws {
        let folder = try ScratchFolder()
        let codec = try VectorTransformCodec(Self.model(in: folder))
        let coded = try codec.encode(Self.image(height: 40, width: 50, channels: 1))
        #expect(try codec.decode(coded.file, name: "a").image.channels == 1)
    }

    @Test func modelsOfConvolutionsCodeToo() throws {
        let folder = try ScratchFolder()
        let model = try Self.model(transform: .convolution, in: folder)
        let coded = try VectorTransformCodec(model).encode(Self.image(height: 200, width: 300))
        #expect(coded.file.chunks.count == 1)
        #expect(try VectorTransformCodec(model).decode(coded.file, name: "a").indices == coded.indices)
    }

    @Test func filesOfOtherModelsAreRefused() throws {
        let folder = try ScratchFolder()
        let coded = try VectorTransformCodec(Self.model(in: folder)).encode(Self.image(height: 70, width: 70))
        let other = try VectorTransformCodec(Self.model(seed: 4, in: folder))
        let error = #expect(throws: LloydError.self) { _ = try other.decode(coded.file, name: "a") }
        #expect("\(error!)".contains("another model"))
    }

    @Test func damageIsAnErrorAlsoBehindTheChecksums() throws {
        let folder = try ScratchFolder()
        let codec = try VectorTransformCodec(Self.model(in: folder))
        let coded = try codec.encode(Self.image(height: 300, width: 1100)).file
        #expect(coded.chunks.count > 1)
        var fewer = coded
        fewer.chunks.removeLast()
        let error = #expect(throws: LloydError.self) { _ = try codec.decode(fewer, name: "a") }
        #expect("\(error!)".contains("chunks"))
        let random = CounterRandom(seed: 1, purpose: .test)
        for trial in 0..<150 {
            var damaged = coded
            let draws = random.words(item: trial)
            let chunk = Int(draws[0]) % coded.chunks.count
            let index = Int(draws[1]) % damaged.chunks[chunk].count
            switch trial % 3 {
            case 0: damaged.chunks[chunk][index] ^= UInt8(1 << (draws[2] % 8))
            case 1: damaged.chunks[chunk] = damaged.chunks[chunk].prefix(index)
            default:
                damaged.chunks[chunk] = Data(
                    (0..<damaged.chunks[chunk].count).map {
                        UInt8(truncatingIfNeeded: random.words(item: trial, draw: $0 + 1)[0])
                    })
            }
            let error = #expect(throws: LloydError.self) { _ = try codec.decode(damaged, name: "a") }
            #expect("\(error!)".contains("chunk \(chunk + 1)"))
        }
    }

    @Test func aModelWhoseNumbersOverflowIsAnError() throws {
        let folder = try ScratchFolder()
        let model = try Self.model(in: folder) { model in
            for index in 0..<model.parameters.count { model.parameters.values[index] *= 1e18 }
        }
        let error = #expect(throws: LloydError.self) {
            _ = try VectorTransformCodec(model).encode(Self.image(height: 64, width: 64))
        }
        #expect("\(error!)".contains("not finite"))
    }

    @Test func everyDamagedModelIsRefused() throws {
        let folder = try ScratchFolder()
        let path = try Self.model(in: folder).path
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let damagedPath = folder / "damaged.safetensors"
        for trial in 0..<200 {
            var damaged = whole
            let index = trial * 7919 % whole.count
            if trial % 2 == 0 {
                damaged[index] ^= UInt8(1 << (trial % 8))
            } else {
                damaged = damaged.prefix(index)
            }
            try damaged.write(to: URL(fileURLWithPath: damagedPath))
            #expect(throws: LloydError.self, "\(trial)") { _ = try NVTCModelFile(damagedPath) }
        }
    }
}
