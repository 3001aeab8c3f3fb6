import ImageMetrics
import Testing

@Suite struct PSNRTests {
    /// 10 log10(255^2 / 6.5025) = 40: an error of a hundredth of the peak in every sample.
    @Test func anErrorOfAHundredthOfThePeakIs40dB() {
        #expect(abs(PSNR.decibels(meanSquaredError: 6.5025, peak: 255, limit: .roundingOfBytes) - 40) < 1e-12)
        #expect(abs(PSNR.decibels(meanSquaredError: 1e-4, peak: 1, limit: .decibels(100)) - 40) < 1e-12)
        #expect(abs(PSNR.decibels(meanSquaredError: 1e-4) - 40) < 1e-12)
        let (first, second) = ([0, 0, 100, 255] as [UInt8], [0, 10, 100, 245] as [UInt8])
        #expect(abs(PSNR.decibels(first, second) - 31.141_103_565_318_918) < 1e-12)
        let (a, b) = ([0, 0.5, 1] as [Float], [0.25, 0.5, 1] as [Float])
        #expect(abs(PSNR.decibels(ofSamples: a, b) - 16.812_412_373_755_87) < 1e-12)
    }

    @Test func noErrorHasTheStatedLimit() {
        let bytes = PSNR.decibels(meanSquaredError: 0, peak: 255, limit: .roundingOfBytes)
        #expect(abs(bytes - 58.922_616_069_155_35) < 1e-9)
        #expect(abs(PSNR.decibels(meanSquaredError: 0, peak: 1, limit: .roundingOfBytes) - bytes) < 1e-9)
        #expect(PSNR.decibels(meanSquaredError: 0, peak: 1, limit: .decibels(100)) == 100)
        #expect(PSNR.decibels(meanSquaredError: 0) == .infinity)
    }
}
