import Datasets
import NVTC
import Testing

@Suite struct ArchitectureTests {
    /// The count that the paper gives (12.8 M), to the last one.
    @Test func thePapersModelHasAsManyParametersAsPublished() {
        let model = NVTCModel(.paper, seed: 1)
        #expect(model.parameters.learned == 12_820_368)
        func count(_ prefix: String) -> Int {
            model.parameters.parameters.filter { $0.name.hasPrefix(prefix) }.reduce(0) { $0 + $1.count }
        }
        #expect(count("vt_") == 5_720_064)
        #expect(count("prior_estimator.") == 601_152)
        #expect(count("projection_") == 64_672)
        #expect(count("downscaling.") + count("upscaling.") == 4_594_032)
        #expect(NVTCArchitecture.paper.alignment == 64)
        #expect(NVTCArchitecture.paper.decodingOrder.count == 16)
        #expect(NVTCArchitecture.paper.decodingOrder[0] == (stage: 2, layer: 5))
    }

    /// A pass that only runs forward gives what one that trains gives, and an image comes back as it went in.
    @Test func passesAgreeOnImagesThatNeedPadding() throws {
        let model = NVTCModel(Small.architecture, seed: 2)
        let image = try Small.images.image(0)
        let passes = [true, false].map {
            NVTCPass(
                model, height: 37, width: 45, phase: .full(Small.architecture), isTraining: $0)
        }
        for pass in passes {
            pass.setObjective(lambda: 64, images: 1)
            pass.set(image, top: 2, left: 1)
            pass.tape.forward()
        }
        #expect(passes[0].image == passes[1].image)
        #expect(passes[0].bits == passes[1].bits && passes[0].bits > 0)
        #expect(passes[0].image.height == 37 && passes[0].image.width == 45)
        // The distortion is that of the cropped image, whatever the padding became.
        let made = passes[0].image
        var sum = 0.0
        for color in 0..<3 {
            for y in 0..<37 {
                for x in 0..<45 {
                    let difference = Double(made[color, y, x] - image[color, y + 2, x + 1])
                    sum += difference * difference
                }
            }
        }
        #expect(abs(passes[0].distortion.value / sum - 1) < 1e-5)
    }

    @Test func aMirroredCropIsTheMirroredImage() throws {
        let model = NVTCModel(Small.architecture, seed: 2)
        let image = try Small.images.image(1)
        let pass = NVTCPass(model, height: 32, width: 32, phase: .full(Small.architecture))
        pass.set(image, top: 3, left: 5)
        let plain = Array(UnsafeBufferPointer(start: pass.input.data, count: pass.input.count))
        var mirrored = image
        for color in 0..<3 {
            for y in 0..<image.height {
                for x in 0..<image.width { mirrored[color, y, x] = image[color, y, image.width - 1 - x] }
            }
        }
        pass.set(mirrored, top: 3, left: image.width - 32 - 5, isFlipped: true)
        #expect(plain == Array(UnsafeBufferPointer(start: pass.input.data, count: pass.input.count)))
        #expect(Set(plain).count > 10)
    }
}
