// swift-tools-version: 6.1
import Foundation
import PackageDescription

// Which instructions the compiler may use. `LLOYD_CPU=portable swift build` makes one binary for every x86-64 machine
// (oneDNN still picks AVX2 or AVX-512 when it runs); the default is the best level of the machine that compiles.
let instructionSet = InstructionSet.chosen()

enum InstructionSet: String {
    case portable
    case v3 = "x86-64-v3"
    case v4 = "x86-64-v4"

    static func chosen() -> InstructionSet {
        let wanted = ProcessInfo.processInfo.environment["LLOYD_CPU"] ?? "native"
        if let exact = InstructionSet(rawValue: wanted) { return exact }
        guard wanted == "native" else {
            fatalError("LLOYD_CPU=\(wanted): expected native, portable, x86-64-v3 or x86-64-v4")
        }
        guard let cpuinfo = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
            let flags = cpuinfo.split(separator: "\n").first(where: { $0.hasPrefix("flags") })
        else { return .portable }
        let features = Set(flags.split(separator: " ").map(String.init))
        if features.isSuperset(of: ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]) { return .v4 }
        return features.isSuperset(of: ["avx2", "fma", "bmi1", "bmi2", "f16c"]) ? .v3 : .portable
    }

    var level: String { self == .v4 ? "4" : self == .v3 ? "3" : "1" }

    var swift: [SwiftSetting] {
        switch self {
        case .portable: []
        case .v3: [.unsafeFlags(["-Xcc", "-march=x86-64-v3"]), .define("LLOYD_FMA")]
        case .v4:
            [
                .unsafeFlags(["-Xcc", "-march=x86-64-v4", "-Xcc", "-mprefer-vector-width=512"]),
                .define("LLOYD_FMA"), .define("LLOYD_AVX512"),
            ]
        }
    }
}

// `LLOYD_FUZZ=1 swift build --product lloyd-bench` counts the edges that fuzzing reaches (Launch/fuzz --coverage).
let isFuzzing = ProcessInfo.processInfo.environment["LLOYD_FUZZ"] == "1"
let common =
    instructionSet.swift + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer"]), .define("LLOYD_FUZZ")] : [])
// Debug builds check every invariant, yet run the arithmetic optimised: unoptimised SIMD code is 400 times slower.
let kernels = common + [.unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))]

let package = Package(
    name: "Lloyd",
    products: [
        .executable(name: "lloyd", targets: ["lloyd"]),
        // For programs of one's own: the command line for any list of methods, and what a method is made with.
        .library(
            name: "Lloyd",
            targets: [
                "Core", "Numerics", "Messaging", "Datasets", "ImageMetrics", "Stepping", "Training", "Quantization",
                "Neural", "Codec", "Reporting",
                "MethodKit", "Commands",
            ]),
        // Lloyd's own methods, to be named beside others.
        .library(name: "LloydMethods", targets: ["RRQ", "CodebookStudy", "ToySources", "NVTC"]),
    ],
    // Exact versions: a fresh clone builds what was tested. A newer one is taken by a commit, after Launch/test.
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // System libraries, as thin as their headers allow.
        .systemLibrary(name: "COpenMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
        .systemLibrary(name: "CLAPACK"),
        .systemLibrary(name: "CSpng", pkgConfig: "spng", providers: [.apt(["libspng-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
        .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp")]),
        .target(
            name: "CProcessorCheck",
            cSettings: [.define("LLOYD_CPU_LEVEL", to: instructionSet.level)]),

        // From the bottom layer to the top; a target depends on the ones above it only.
        .target(name: "Core", swiftSettings: common),
        .target(
            name: "Numerics", dependencies: ["Core", "COneDNN", "CLAPACK", "CProcessorCheck"], swiftSettings: kernels),
        .target(name: "Messaging", dependencies: ["Core", "COpenMPI"], swiftSettings: kernels),
        .target(
            name: "Datasets", dependencies: ["Core", "Numerics", "CSpng", "CJPEG", "CZlib"], swiftSettings: kernels),
        .target(name: "ImageMetrics", dependencies: ["Core", "Datasets", "Numerics"], swiftSettings: kernels),
        // What a method and who runs it agree on: map, ordered sum, update.
        .target(name: "Stepping", dependencies: ["Core", "Datasets", "Numerics"], swiftSettings: kernels),
        .target(
            name: "Training",
            dependencies: [
                "Core", "Stepping", "Datasets", "Numerics", "Messaging",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: kernels),
        .target(name: "Quantization", dependencies: ["Stepping", "Numerics"], swiftSettings: kernels),
        .target(name: "Neural", dependencies: ["Stepping", "Datasets", "Numerics"], swiftSettings: kernels),
        // The codec's container and entropy coders, and how images are evaluated; no method.
        .target(
            name: "Codec",
            dependencies: ["Core", "ImageMetrics", "Training", "Messaging", "Datasets", "Numerics", "CZlib"],
            swiftSettings: kernels),
        .target(
            name: "Reporting", dependencies: ["Core", "Codec", "ImageMetrics", "Training", "Datasets"],
            swiftSettings: common),
        // YAML as configs have it, checked; with the parser that Yams brings.
        .target(name: "YAMLReading", dependencies: ["Core", "Datasets", "Yams"], swiftSettings: common),
        // What methods are made with: keys and configs, the run and what it has finished, plans, reports, comparisons.
        .target(
            name: "MethodKit",
            dependencies: [
                "Core", "Reporting", "Codec", "YAMLReading", "Quantization", "Training", "Messaging", "Datasets",
                "Numerics",
                "Yams",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: kernels),

        // A method each, which nothing below names.
        .target(
            name: "RRQ",
            dependencies: [
                "Core", "MethodKit", "Reporting", "Codec", "ImageMetrics", "Quantization", "Training", "Stepping",
                "Messaging", "Datasets", "Numerics",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Sources/Methods/RRQ", swiftSettings: kernels),
        .target(
            name: "CodebookStudy",
            dependencies: ["MethodKit", "Reporting", "Quantization", "Training", "Datasets", "Numerics"],
            path: "Sources/Methods/CodebookStudy", swiftSettings: kernels),
        .target(
            name: "ToySources",
            dependencies: [
                "MethodKit", "Reporting", "ImageMetrics", "Quantization", "Neural", "Training", "Datasets", "Numerics",
            ],
            path: "Sources/Methods/ToySources", swiftSettings: kernels),
        .target(
            name: "NVTC",
            dependencies: [
                "Core", "MethodKit", "Reporting", "Codec", "ImageMetrics", "Neural", "Training", "Messaging",
                "Datasets", "Numerics",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Sources/Methods/NVTC", swiftSettings: kernels),

        // The command line, for any list of methods.
        .target(
            name: "Commands",
            dependencies: [
                "Core", "MethodKit", "Codec", "ImageMetrics", "Reporting", "Training", "Quantization", "Datasets",
                "Messaging", "Numerics", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: common),
        .executableTarget(
            name: "lloyd", dependencies: ["Commands", "RRQ", "CodebookStudy", "ToySources", "NVTC"],
            swiftSettings: common),
        // Comparisons with other implementations: one file per benchmark.
        .executableTarget(
            name: "lloyd-bench",
            dependencies: [
                "Core", "MethodKit", "Codec", "Reporting", "ToySources", "RRQ", "CodebookStudy", "NVTC", "Neural",
                "Quantization", "Training", "Stepping", "Datasets", "Messaging", "Numerics", "YAMLReading", "COpenMPI",
                "CZlib",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: kernels,
            linkerSettings: isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])] : []),

        // What tests share: running programs on several ranks. MessagingCheck is the program that MessagingTests runs.
        .target(
            name: "TestSupport", dependencies: ["Core", "Messaging"], path: "Tests/TestSupport", swiftSettings: common),
        .executableTarget(
            name: "MessagingCheck", dependencies: ["Messaging", "COpenMPI", "TestSupport"],
            path: "Tests/MessagingCheck",
            swiftSettings: common),
        // The program that TrainingTests runs on several ranks.
        .executableTarget(
            name: "TrainingCheck", dependencies: ["Training", "Messaging"], path: "Tests/TrainingCheck",
            swiftSettings: common),

        // A method of one's own, as an example: CONTRIBUTING.md walks through it.
        .executableTarget(
            name: "ProductQuantizer",
            dependencies: [
                "Commands", "MethodKit", "Reporting", "Quantization", "Training", "Datasets", "Numerics", "Core",
            ], path: "Tests/ProductQuantizer", swiftSettings: common),

        .testTarget(name: "CoreTests", dependencies: ["Core"], swiftSettings: common),
        .testTarget(name: "NumericsTests", dependencies: ["Numerics"], swiftSettings: common),
        .testTarget(
            name: "MessagingTests", dependencies: ["Messaging", "MessagingCheck", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "DatasetsTests", dependencies: ["Datasets", "Numerics", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "ImageMetricsTests", dependencies: ["ImageMetrics", "Datasets", "Numerics", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "QuantizationTests",
            dependencies: ["Quantization", "Training", "Messaging", "Numerics", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "SteppingTests", dependencies: ["Core", "Stepping", "Numerics", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "TrainingTests",
            dependencies: ["Core", "Training", "Stepping", "Messaging", "Numerics", "TestSupport", "TrainingCheck"],
            swiftSettings: common),
        .testTarget(
            name: "RRQTests",
            dependencies: [
                "RRQ", "CodebookStudy", "Codec", "Quantization", "Training", "Datasets", "Messaging", "Numerics",
                "TestSupport",
            ],
            swiftSettings: common),
        .testTarget(
            name: "NeuralTests", dependencies: ["Neural", "Training", "Messaging", "Numerics", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "ToySourcesTests",
            dependencies: [
                "ToySources", "MethodKit", "Neural", "Quantization", "Training", "Datasets", "Messaging", "Numerics",
                "TestSupport",
            ], swiftSettings: common),
        .testTarget(
            name: "NVTCTests",
            dependencies: ["Core", "NVTC", "Neural", "Training", "Datasets", "Messaging", "Numerics", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "CodecTests",
            dependencies: [
                "Codec", "NVTC", "RRQ", "Neural", "Training", "Datasets", "Messaging", "Numerics", "TestSupport",
            ], swiftSettings: common),
        .testTarget(
            name: "ReportingTests",
            dependencies: [
                "Reporting", "MethodKit", "Codec", "RRQ", "CodebookStudy", "ToySources", "NVTC", "Training", "Datasets",
                "TestSupport",
            ], swiftSettings: common),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "lloyd", "ProductQuantizer", "Commands", "MethodKit", "Codec", "RRQ", "CodebookStudy", "NVTC",
                "ToySources", "Reporting",
                "Datasets", "Messaging", "Numerics", "TestSupport",
            ], swiftSettings: common),
        // The examples of doc comments, which compile: nothing of them runs.
        .testTarget(
            name: "SnippetTests",
            dependencies: [
                "Commands", "MethodKit", "Codec", "RRQ", "CodebookStudy", "NVTC", "ToySources", "Reporting", "Neural",
                "Quantization", "Training", "Stepping", "ImageMetrics", "Datasets", "Messaging", "Numerics", "Core",
                "YAMLReading",
            ], swiftSettings: common + [.unsafeFlags(["-suppress-warnings"])]),
    ],
    swiftLanguageModes: [.v5]
)

// Launch/check builds a few tests under a sanitizer: `LLOYD_TARGETS=TrainingTests swift build` leaves out all that these
// targets do not need.
if let wanted = ProcessInfo.processInfo.environment["LLOYD_TARGETS"] {
    var kept = Set(wanted.split(separator: ",").map(String.init))
    var open = Array(kept)
    while let name = open.popLast() {
        let target = package.targets.first { $0.name == name }
        for case .byNameItem(let needed, _) in target?.dependencies ?? [] where kept.insert(needed).inserted {
            open.append(needed)
        }
    }
    package.targets.removeAll { !kept.contains($0.name) }
    package.products = []
}
