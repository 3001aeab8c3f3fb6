import Datasets
import Foundation
import TestSupport
import Testing

struct ImageTests {
    @Test func luma() {
        let image = Image(width: 2, height: 1, channels: 3, samples: [1, 0.5, 0, 0.5, 0, 0.5])
        #expect(abs(image.gray().samples[0] - 0.299) < 1e-7)
        #expect(abs(image.gray().samples[1] - 0.5) < 1e-7)
        #expect(image.gray().rgb().samples == image.gray().samples + image.gray().samples + image.gray().samples)
    }

    /// ((3 i^2 + 5 j^2 + 7 i j) mod 31) / 31 for row i and column j.
    static func pattern(width: Int, height: Int) -> Image {
        var samples: [Float] = []
        for i in 0..<height {
            for j in 0..<width {
                let number: Int = 3 * i * i + 5 * j * j + 7 * i * j
                samples.append(Float(number % 31) / 31)
            }
        }
        return Image(width: width, height: height, channels: 1, samples: samples)
    }

    /// Numbers of Pillow 13: `PIL.Image.fromarray(pattern, 'F').resize((width, height), PIL.Image.BICUBIC)` of the
    /// 7x5 pattern.
    static let pillow: [(Int, Int, [Float])] = [
        (3, 2, [0.265243, 0.442402, 0.467286, 0.57969, 0.473705, 0.527247]),
        (
            4, 9,
            [
                0.058616, 0.545296, 0.427614, 0.473764, 0.130583, 0.441043, 0.420651, 0.386741, 0.25865, 0.267257,
                0.416453, 0.25882, 0.236395, 0.351819, 0.511458, 0.510135, 0.232018, 0.537615, 0.580837, 0.823135,
                0.580478, 0.671879, 0.345916, 0.693264, 0.821974, 0.677337, 0.21797, 0.515279, 0.648498, 0.426886,
                0.487269, 0.473644, 0.535421, 0.283678, 0.647241, 0.459157,
            ]
        ),
        (
            11, 8,
            [
                -0.017162, 0.024779, 0.175125, 0.573878, 0.642971, 0.467861, 0.575938, 0.437795, 0.017498, 0.471534,
                0.904264, 0.003239, 0.137605, 0.330776, 0.415536, 0.407664, 0.36409, 0.53412, 0.466318, 0.110766,
                0.34281, 0.589614, 0.083631, 0.274511, 0.472114, 0.278105, 0.176661, 0.21812, 0.488885, 0.545785,
                0.299943, 0.256345, 0.266143, 0.288619, 0.165174, 0.121342, 0.612976, 0.565741, 0.182838, 0.562447,
                0.767502, 0.60661, 0.661754, 0.72966, 0.578533, 0.344595, 0.196996, 0.856056, 0.789326, 0.22316,
                0.442988, 0.623148, 0.599383, 0.783219, 0.926722, 0.874983, 0.777673, 0.692913, 0.885624, 0.735708,
                0.339088, 0.190984, 0.176553, 0.28547, 0.574042, 0.778939, 0.701035, 0.71287, 0.665681, 0.401964,
                0.397883, 0.57771, 0.547815, 0.384007, 0.149547, 0.487047, 0.7955, 0.519497, 0.593998, 0.567799,
                0.034173, 0.15102, 0.73521, 0.852782, 0.608901, 0.096991, 0.451512, 0.825288,
            ]
        ),
    ]

    @Test func bicubicEqualsPillowsNumbers() {
        let image = Self.pattern(width: 7, height: 5)
        for (width, height, expected) in Self.pillow {
            let resized = image.resized(width: width, height: height)
            let error = zip(resized.samples, expected).map { abs($0 - $1) }.max()!
            #expect(resized.samples.count == expected.count && error < 2e-6, "\(width)x\(height): \(error)")
        }
    }

    @Test(.enabled(if: PythonScript.has("PIL.Image"), "Python with Pillow and NumPy is not installed"))
    func bicubicEqualsThePillowAtHand() throws {
        let script = """
            import sys, numpy, PIL.Image
            w, h, nw, nh = map(int, sys.argv[1:])
            x = numpy.array([[((3*i*i + 5*j*j + 7*i*j) % 31) / 31 for j in range(w)] for i in range(h)], numpy.float32)
            y = numpy.asarray(PIL.Image.fromarray(x).resize((nw, nh), PIL.Image.BICUBIC))
            print(*y.ravel())
            """
        for (width, height, newWidth, newHeight) in [
            (168, 192, 21, 24), (21, 24, 168, 192), (50, 31, 37, 62), (1, 9, 5, 1),
        ] {
            let sizes = [width, height, newWidth, newHeight].map(String.init)
            let output = try PythonScript(modules: [], script).run(sizes)
            let expected = output.split(separator: " ").compactMap {
                Float($0.trimmingCharacters(in: .whitespacesAndNewlines))
            }
            let resized = Self.pattern(width: width, height: height).resized(width: newWidth, height: newHeight)
            try #require(expected.count == resized.samples.count)
            let error = zip(resized.samples, expected).map { abs($0 - $1) }.max()!
            #expect(error < 1e-5, "\(sizes): \(error)")
        }
    }

    @Test func resizingTreatsPlanesAlike() {
        let gray = Self.pattern(width: 12, height: 9)
        let resized = gray.rgb().resized(width: 5, height: 20)
        #expect(resized == gray.resized(width: 5, height: 20).rgb())
        #expect(gray.resized(width: 12, height: 9) == gray)
    }
}
