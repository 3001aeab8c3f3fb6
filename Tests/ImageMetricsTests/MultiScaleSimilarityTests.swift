import Datasets
import ImageMetrics
import Testing

/// Against pytorch-msssim 1.0.0, ms_ssim(a, b, data_range=255) in double precision, of images made by the formulas below.
@Suite struct MultiScaleSimilarityTests {
    private func picture(_ width: Int, _ height: Int) -> [UInt8] {
        (0..<width * height).flatMap { index -> [UInt8] in
            let (x, y) = (index % width, index / width)
            return [(x * x / 37 + y * 3) % 256, (x * 2 + y * y / 53) % 256, x * y / 97 % 256].map { UInt8($0) }
        }
    }

    private func noisy(_ picture: [UInt8]) -> [UInt8] {
        picture.enumerated().map { UInt8(min(255, max(0, Int($1) + $0 * $0 % 31 - 15))) }
    }

    private func coarse(_ picture: [UInt8]) -> [UInt8] { picture.map { $0 / 32 * 32 + 16 } }

    @Test(
        arguments: [
            (161, 161, [0.9666252659971993, 0.90881804260701]),
            (256, 192, [0.969830724155765, 0.9266018759957495]),
            (333, 175, [0.9715398260816897, 0.9310048842134453]),
            (162, 201, [0.9714814305157358, 0.9159215587798002]),
        ] as [(Int, Int, [Double])])
    func agreesWithPyTorch(width: Int, height: Int, wanted: [Double]) throws {
        let measure = try #require(MultiScaleSimilarity(width: width, height: height))
        let original = picture(width, height)
        #expect(abs(measure.value(original, noisy(original), channels: 3) - wanted[0]) < 2e-6)
        #expect(abs(measure.value(original, coarse(original), channels: 3) - wanted[1]) < 2e-6)
        // The negative contradicts the picture: what is below zero counts as nothing, as there.
        #expect(measure.value(original, original.map { 255 - $0 }, channels: 3) == 0)
        #expect(abs(measure.value(original, original, channels: 3) - 1) < 1e-6)
    }

    @Test func channelsAreAveraged() throws {
        let measure = try #require(MultiScaleSimilarity(width: 170, height: 180))
        let original = picture(170, 180)
        let changed = noisy(original)
        let planes = (0..<3).map { channel -> Double in
            func plane(_ bytes: [UInt8]) -> [UInt8] { stride(from: channel, to: bytes.count, by: 3).map { bytes[$0] } }
            return measure.value(plane(original), plane(changed), channels: 1)
        }
        #expect(abs(measure.value(original, changed, channels: 3) - planes.reduce(0, +) / 3) < 1e-12)
    }

    @Test func smallImagesHaveNone() {
        #expect(MultiScaleSimilarity(width: 160, height: 500) == nil)
        #expect(MultiScaleSimilarity(width: 500, height: 160) == nil)
        #expect(MultiScaleSimilarity(width: 161, height: 161) != nil)
    }

    @Test func decibels() {
        #expect(abs(MultiScaleSimilarity.decibels(0.99) - 20) < 1e-9)
        #expect(MultiScaleSimilarity.decibels(1) == 100)
    }

    @Test func qualityOfPictures() throws {
        func image(_ bytes: [UInt8], _ width: Int, _ height: Int) throws -> Image {
            try Image(encoded: Array("P6 \(width) \(height) 255\n".utf8) + bytes, name: "made.ppm")
        }
        let original = picture(161, 162)
        let quality = try PictureQuality(
            image(original, 161, 162), image(original.map { $0 ^ 2 }, 161, 162), name: "a")
        // Every sample differs by two.
        #expect(abs(quality.psnr - 42.110203695399477) < 1e-9)
        #expect((0.99..<1).contains(try #require(quality.msSSIM)))
        let small = try image(picture(9, 5), 9, 5)
        let same = try PictureQuality(small, small, name: "b")
        #expect(same.msSSIM == nil && abs(same.psnr - 58.92269) < 1e-4)
        #expect(throws: LloydError.self) { try PictureQuality(small, image(picture(5, 9), 5, 9), name: "c") }
        // Gray against RGB is compared as RGB.
        let gray = try Image(encoded: Array("P5 1 1 255\n".utf8) + [7], name: "gray.pgm")
        #expect(try PictureQuality(gray, gray.rgb(), name: "d").psnr == same.psnr)
    }
}
