import Foundation
import Numerics
import TestSupport
import Testing

@testable import RRQ

@Suite struct CosineTransformTests {
    /// Pixels that a line of Python makes too: ((i * 37) % 101) / 100.
    private func pixels(_ width: Int, _ height: Int) -> [Float] {
        (0..<width * height).map { Float(Double($0 * 37 % 101) / 100) }
    }

    private func forward(_ pixels: [Float], _ width: Int, _ height: Int) -> [Float] {
        let transform = CosineTransform(width: width, height: height)
        var scratch = [Float](repeating: 0, count: transform.scratchCount)
        var result = [Float](repeating: .nan, count: pixels.count)
        transform.forward(pixels, into: &result, scratch: &scratch)
        return result
    }

    /// Made with scipy 1.17: scipy.fft.dctn(pixels.reshape(height, width), norm="ortho").
    @Test(
        arguments: [
            (
                4, 4,
                [
                    1.7575, 0.272312326, -0.2525, -0.093853595, -0.173776174, -0.283133387, -0.329907149, 0.178544462,
                    -0.2525,
                    -0.329907149, -0.2525, -0.136652015, -0.125556129, 0.178544462, -0.136652015, 0.788133387,
                ]
            ),
            (
                5, 3,
                [
                    1.68603875, -0.0478620712, -0.184399928, 0.551128438, 0.184399928, -0.101192885, -0.164084447,
                    -0.225842866,
                    -0.69507287, 0.225842866, -0.368799855, -0.0947341994, -0.130390439, -0.401300509, 0.130390439,
                ]
            ),
            (
                2, 5,
                [
                    1.43251178, 0.0537587202, -0.351632513, -0.164084447, -0.225842866, 0.225842866, -0.258465812,
                    -0.69507287,
                    0.225842866, -0.225842866,
                ]
            ),
        ] as [(Int, Int, [Double])])
    func agreesWithSciPysNumbers(width: Int, height: Int, wanted: [Double]) {
        let ours = forward(pixels(width, height), width, height)
        #expect(zip(ours, wanted).allSatisfy { abs(Double($0) - $1) < 1e-6 })
    }

    @Test(
        .enabled(if: PythonScript.has("scipy.fft"), "needs SciPy: python3 -m pip install numpy scipy"),
        arguments: [(1, 1), (8, 8), (64, 64), (168, 192), (33, 7), (1, 20)])
    func agreesWithSciPy(width: Int, height: Int) throws {
        let script = PythonScript(
            modules: ["scipy.fft"],
            """
            pixels = numpy.fromfile(sys.argv[1], "<f4").astype("f8").reshape(int(sys.argv[3]), int(sys.argv[2]))
            scipy.fft.dctn(pixels, norm="ortho").tofile(sys.argv[1] + ".f64")
            """)
        let folder = try ScratchFolder()
        let pixels = pixels(width, height)
        let path = try folder.write(pixels.withUnsafeBytes { Data($0) }, to: "pixels.f32")
        try script.run([path, "\(width)", "\(height)"])
        let theirs = try folder.bytes(of: "pixels.f32.f64").withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
        let ours = forward(pixels, width, height)
        try #require(theirs.count == ours.count)
        let scale = theirs.map(abs).max()!
        #expect(zip(ours, theirs).allSatisfy { abs(Double($0) - $1) <= 2e-6 * scale })
    }

    @Test(arguments: [(16, 16), (168, 192), (5, 9), (1, 3), (256, 8)])
    func theInverseGivesThePixelsBack(width: Int, height: Int) {
        let transform = CosineTransform(width: width, height: height)
        let pixels = pixels(width, height)
        var scratch = [Float](repeating: 0, count: transform.scratchCount)
        var back = [Float](repeating: .nan, count: pixels.count)
        let coefficients = forward(pixels, width, height)
        transform.inverse(coefficients, into: &back, scratch: &scratch)
        #expect(zip(back, pixels).allSatisfy { abs($0 - $1) < 5e-6 })
        func energy(_ values: [Float]) -> Double { values.reduce(0) { $0 + Double($1) * Double($1) } }
        #expect(abs(energy(coefficients) / energy(pixels) - 1) < 1e-6 || energy(pixels) == 0, "orthonormal")
    }
}
