import Codec
import Testing

@Suite struct EvaluationRecordTests {
    @Test func meansAreOverImages() {
        func image(_ bytes: Int, _ psnr: Double, _ msSSIM: Double?) -> EvaluationRecord.ImageResult {
            .init(
                name: "a", width: 8, height: 4, bytes: bytes, psnr: psnr, msSSIM: msSSIM,
                encodingSeconds: ["transform": 1, "VQ": 2], decodingSeconds: ["total": 4])
        }
        let mean = EvaluationRecord.Point(setting: "x", images: [image(4, 30, nil), image(12, 40, 0.5)]).mean
        #expect(mean.bitsPerPixel == 2)
        #expect(mean.psnr == 35)
        #expect(mean.msSSIM == 0.5)
        #expect(mean.encodingSeconds == 3)
        #expect(mean.decodingSeconds == 4)
    }
}
