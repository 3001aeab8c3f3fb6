import Foundation
import TestSupport
import Testing

@testable import Reporting

/// The expected numbers come from SciPy 1.17:
///
///     from scipy.interpolate import PchipInterpolator as P
///     P(x, y)(v); P(x, y).derivative()(x); P(x, y).integrate(a, b)
///     # BD-rate: integrate P(quality, log10(rate)) of both over the common qualities,
///     # (10 ** ((test - anchor) / (high - low)) - 1) * 100; BD-PSNR: P(log10(rate), quality) likewise
@Suite struct BjontegaardDeltaTests {
    let anchor = RateDistortionCurve(
        name: "A", rates: [0.11, 0.24, 0.52, 0.97, 1.61], qualities: [27.1, 29.4, 32.2, 35.0, 37.9])
    let longer = RateDistortionCurve(
        name: "B", rates: [0.09, 0.21, 0.47, 0.90, 1.70, 2.4], qualities: [26.8, 29.5, 32.6, 35.3, 38.6, 40.1])
    let twoPoints = RateDistortionCurve(name: "C", rates: [0.3, 0.8], qualities: [29.0, 33.5])
    let unsorted = RateDistortionCurve(name: "N", rates: [0.1, 0.2, 0.15, 0.5], qualities: [25, 27, 27.5, 31])

    func near(_ value: Double, _ expected: Double) -> Bool { abs(value - expected) <= 1e-11 * max(1, abs(expected)) }

    @Test func rateAgreesWithSciPy() throws {
        #expect(near(try BjontegaardDelta.rate(of: longer, against: anchor), -14.265434611532712))
        #expect(near(try BjontegaardDelta.rate(of: anchor, against: longer), 16.639070306002445))
        #expect(near(try BjontegaardDelta.rate(of: twoPoints, against: anchor), 22.33387314481332))
        #expect(near(try BjontegaardDelta.rate(of: unsorted, against: anchor), -6.024913746477356))
        #expect(near(try BjontegaardDelta.rate(of: anchor, against: anchor), 0))
    }

    /// PyPI's bjontegaard 1.3.0: bd_rate(anchor, test, method="pchip"), bd_psnr likewise, of curves as they are published. Its
    /// figures for the curves above are SciPy's, digit by digit.
    @Test func publishedCurvesAgreeWithTheBjontegaardPackage() throws {
        let curves = try PublishedCodecs(path: SyntheticNVTCRun.publishedFile).curves
        func curve(_ name: String) throws -> RateDistortionCurve {
            try #require(curves.first { $0.name == name }).rateDistortion
        }
        let wanted = [
            ("VTM", -67.5844612612526, 5.70639087965592), ("WebP", -36.175502307489616, 2.675789080238298),
            ("cheng2020", -65.41107736531787, 5.579422387182831),
        ]
        for (name, rate, quality) in wanted {
            #expect(near(try BjontegaardDelta.rate(of: curve(name), against: curve("JPEG")), rate))
            #expect(near(try BjontegaardDelta.quality(of: curve(name), against: curve("JPEG")), quality))
        }
    }

    @Test func qualityAgreesWithSciPy() throws {
        #expect(near(try BjontegaardDelta.quality(of: longer, against: anchor), 0.6193268293990096))
        #expect(near(try BjontegaardDelta.quality(of: twoPoints, against: anchor), -0.7589081895260984))
        #expect(near(try BjontegaardDelta.quality(of: unsorted, against: anchor), -1.5715927022055478))
    }

    @Test func interpolationAgreesWithSciPy() {
        let cubic = MonotoneCubic(x: [0, 1, 2.5, 3, 4.2, 6, 7], y: [0, 1, 1.2, 1.2, 0.4, 3, 2.9])
        let positions = [0.3, 0.5, 1.7, 2.75, 3.5, 5, 6.6]
        let expected = [
            0.39834016528925614, 0.6373415977961432, 1.1393812059993877, 1.2, 0.8990740740740741, 1.4842249657064472,
            2.9784,
        ]
        for (position, value) in zip(positions, expected) { #expect(near(cubic.value(at: position), value)) }
        #expect(near(cubic.integral(from: 0, to: 7), 9.883048668503214))
        #expect(near(cubic.integral(from: 0.4, to: 5.1), 4.540406925619834))
    }

    /// Each end's special case: value at 0.5, value a little after the middle point, integral over everything.
    @Test(arguments: [
        ([0.0, 1, 3], [0.0, 1, -9], [0.875, 0.73675, -4.25]),
        ([0, 1, 3], [0, -1, 5], [-0.7916666666666667, -0.85225, 1.416666666666666]),
        ([0, 1, 2], [0, 0, 1], [0, 0.12150000000000002, 0.375]),
        ([0, 1, 1.5], [0, 1, 6], [0.25, 3.4000000000000004, 1.8541666666666665]),
        ([0, 2, 2.5], [0, 0.1, 5], [0.003995253164556963, 2.435154430379745, 1.0914425105485233]),
    ])
    func endSlopesAgreeWithSciPy(x: [Double], y: [Double], expected: [Double]) {
        let cubic = MonotoneCubic(x: x, y: y)
        #expect(near(cubic.value(at: 0.5), expected[0]))
        #expect(near(cubic.value(at: x[1] + 0.3), expected[1]))
        #expect(near(cubic.integral(from: x[0], to: x[2]), expected[2]))
    }

    @Test func impossibleComparisonsAreErrors() {
        func problem(_ curve: RateDistortionCurve) -> String {
            do {
                _ = try BjontegaardDelta.rate(of: curve, against: anchor)
                return "no error"
            } catch { return "\(error)" }
        }
        #expect(problem(.init(name: "one", rates: [1], qualities: [30])).contains("“one”: 1 point(s)"))
        #expect(problem(.init(name: "far", rates: [1, 2], qualities: [50, 60])).contains("no quality interval"))
        #expect(problem(.init(name: "zero", rates: [0, 2], qualities: [30, 31])).contains("(0.0, 30.0)"))
        #expect(problem(.init(name: "nan", rates: [1, 2], qualities: [30, .nan])).contains("“nan”"))
        #expect(problem(.init(name: "odd", rates: [1, 2], qualities: [30])).contains("2 rates and 1 qualities"))
        #expect(
            problem(.init(name: "same", rates: [1, 2], qualities: [30, 30])).contains("quality 30.0 occurs twice"))
    }

    @Test func compressAIFiles() throws {
        try ScratchFolder.withURL { folder in
            let file = folder.appendingPathComponent("vtm.json")
            let text = """
                {"name": "VTM", "description": "d", "results":
                {"bpp": [0.1, 1, 2], "psnr-rgb": [28, 33.5, 37], "short": [1], "note": "x"}}
                """
            try Data(text.utf8).write(to: file)
            let results = try CompressAIResults(path: file.path)
            #expect(results.name == "VTM" && results.metrics == ["bpp", "psnr-rgb", "short"])
            let curve = try results.curve(quality: "psnr-rgb")
            #expect(curve == .init(name: "VTM", rates: [0.1, 1, 2], qualities: [28, 33.5, 37]))
            for (key, words) in [
                ("ms-ssim", "results.ms-ssim"), ("note", "results.note"), ("short", "1 values for the 3"),
            ] {
                do {
                    _ = try results.curve(quality: key)
                    Issue.record("no error for \(key)")
                } catch { #expect("\(error)".contains(words) && "\(error)".contains(file.path)) }
            }
            for wrong in ["{", "[1]", "{\"name\": 3}", ""] {
                try Data(wrong.utf8).write(to: file)
                do {
                    _ = try CompressAIResults(path: file.path)
                    Issue.record("no error for \(wrong)")
                } catch { #expect("\(error)".contains(file.path)) }
            }
            // Lists without the frame around them, and no name: the file's name stands in.
            try Data("{\"bpp\": [0.1, 0.2], \"psnr\": [28, 30]}".utf8).write(to: file)
            let bare = try CompressAIResults(path: file.path)
            #expect(try bare.curve(quality: "psnr").name == "vtm")
            #expect(throws: LloydError.self) {
                _ = try CompressAIResults(path: folder.appendingPathComponent("none.json").path)
            }
        }
    }
}
