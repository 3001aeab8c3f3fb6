import Foundation
import TestSupport
import Testing

@testable import ImageMetrics

/// Against skimage.metrics.structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
/// data_range=1), which leaves out the same border of five pixels.
@Suite struct StructuralSimilarityTests {
    /// ((3 y + 5 x) % 200) / 255
    private func smooth(_ width: Int, _ height: Int) -> [Float] {
        (0..<width * height).map { Float($0 / width * 3 + $0 % width * 5).truncatingRemainder(dividingBy: 200) / 255 }
    }

    /// ((i * i * a + 11 i) % 256) / 255
    private func rough(_ width: Int, _ height: Int, _ a: Int) -> [Float] {
        (0..<width * height).map { Float(($0 * $0 * a + 11 * $0) % 256) / 255 }
    }

    private func similarity(_ first: [Float], _ second: [Float], _ width: Int, _ height: Int) -> Double {
        let measure = StructuralSimilarity(width: width, height: height)
        var scratch = [Float](repeating: .nan, count: measure.scratchCount)
        return measure.similarity(first, second, peak: 1, scratch: &scratch)
    }

    private func mixed(_ width: Int, _ height: Int) -> [Float] {
        zip(smooth(width, height), rough(width, height, 7)).map { $0 * 0.8 + 0.2 * $1 }
    }

    /// Made with scikit-image 0.26: smooth against mixed, against rough(3) and against the constant 0.5.
    @Test(
        arguments: [
            (16, 16, [0.4721081480064469, 0.01895366765867138, 0.3307903282833804]),
            (31, 23, [0.4474435411887683, 0.007484459396075406, 0.40524555570113174]),
            (11, 11, [0.4643354665511485, -0.005179527583755396, 0.24806063106148113]),
            (12, 40, [0.44305268948387194, 0.0067623751089995274, 0.3825285299581911]),
        ] as [(Int, Int, [Double])])
    func agreesWithScikitImagesNumbers(width: Int, height: Int, wanted: [Double]) {
        let original = smooth(width, height)
        let others = [
            mixed(width, height), rough(width, height, 3), [Float](repeating: 0.5, count: width * height),
        ]
        for (other, wanted) in zip(others, wanted) {
            #expect(abs(similarity(original, other, width, height) - wanted) < 1e-5)
        }
    }

    @Test(
        .enabled(
            if: PythonScript.has("skimage.metrics"), "needs scikit-image: python3 -m pip install numpy scikit-image"))
    func agreesWithScikitImage() throws {
        let script = PythonScript(
            modules: ["skimage.metrics"],
            """
            a, b = (numpy.fromfile(path, "<f4").astype("f8").reshape(96, 84) for path in sys.argv[1:3])
            value = skimage.metrics.structural_similarity(
                a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1)
            numpy.array([value]).tofile(sys.argv[1] + ".f64")
            """)
        let folder = try ScratchFolder()
        let images = [smooth(84, 96), mixed(84, 96)]
        let paths = try images.enumerated().map { number, image in
            try folder.write(image.withUnsafeBytes { Data($0) }, to: "\(number)")
        }
        try script.run(paths)
        let theirs = try folder.bytes(of: "0.f64").withUnsafeBytes { $0.loadUnaligned(as: Double.self) }
        #expect(abs(similarity(images[0], images[1], 84, 96) - theirs) < 1e-5)
    }

    @Test func anImageIsLikeItself() {
        let image = rough(20, 14, 5)
        #expect(abs(similarity(image, image, 20, 14) - 1) < 1e-6)
        #expect(similarity(image, mixed(20, 14), 20, 14) < 0.99)
        #expect(abs(similarity(image, mixed(20, 14), 20, 14) - similarity(mixed(20, 14), image, 20, 14)) < 1e-6)
    }

    @Test func itNeedsElevenPixels() {
        #expect(!StructuralSimilarity(width: 10, height: 50).isDefined)
        #expect(StructuralSimilarity(width: 11, height: 11).isDefined)
    }
}
