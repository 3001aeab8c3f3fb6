import ArgumentParser
import Codec
import Datasets
import Foundation
import Messaging
import NVTC
import Numerics
import Training

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Codes a folder of images to real files with every model of a run, and measures.",
        discussion: """
            Alone or under mpirun: ranks share the images. Rates are bytes of files; every file is decoded again and its \
            indices compared. PSNR and MS-SSIM are of 8-bit samples, per image and then averaged. `lloyd compare` makes \
            reports of the JSON file.

            Examples:
              lloyd evaluate runs/nvtc-small --data kodak --json evaluation.json
              mpirun -n 2 lloyd evaluate runs/nvtc-small --data kodak --name "NVTC small" --keep decoded
              lloyd compare evaluation.json --anchors Configs/anchors/kodak.json --out Reports/codecs
            """)

    @Argument(help: ArgumentHelp("A finished run, or a model's file.", valueName: "run|file"))
    var model: String

    @Option(help: "The folder of images.")
    var data: String

    @Option(help: "Only the models of these lambdas, separated by commas. (default: all)")
    var lambda: String?

    @Option(help: "At most so many images, the first by name.")
    var images: Int = .max

    @Option(help: "What reports call it. (default: the run's name)")
    var name: String?

    @Option(help: "Threads of each rank.")
    var threads: Int = 1

    @Option(help: ArgumentHelp("The measurements, for lloyd compare.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("The mean curve in CompressAI's form.", valueName: "file"))
    var curve: String?

    @Option(
        help: ArgumentHelp("Keeps coded files and decoded images, as lloyd compare --pictures reads them.", valueName: "folder"))
    var keep: String?

    func validate() throws {
        guard threads >= 1, threads <= 1024 else { throw ValidationError("--threads must be from 1 to 1024") }
        guard images >= 1 else { throw ValidationError("--images must be at least 1") }
        _ = try lambdas()
    }

    private func lambdas() throws -> [Double]? {
        try lambda?.split(separator: ",").map {
            guard let value = Double($0.trimmingCharacters(in: .whitespaces)), value > 0 else {
                throw ValidationError("--lambda: `\($0)` is no number above 0")
            }
            return value
        }
    }

    func run() throws {
        let world = try MPIEnvironment.startIfLaunched()
        let stopped = Job.run(world, context: "evaluating \(model)") { try evaluate(world) }
        if stopped { throw ExitCode(75) }
    }

    private func evaluate(_ world: any Communicator) throws -> Bool {
        FusedMultiplyAdd.require()
        StopSignals.install()
        let wanted = try lambdas()
        let models = try ModelShelf([model]).all().filter { wanted?.contains($0.lambda) ?? true }
        guard !models.isEmpty else {
            throw DatasetError(
                path: model, problem: "holds no model of lambda \(lambda ?? "")", remedy: "leave --lambda out for all")
        }
        let folder = try PhotoFolder(data, first: images)
        guard world.size <= folder.count else {
            throw DatasetError(
                path: data, problem: "holds \(folder.count) images for \(world.size) ranks",
                remedy: "start at most \(folder.count) ranks")
        }
        let loop = try TrainingLoop(communicator: world, team: Team(threads: threads), shards: folder.count)
        let progress = ProgressLine()
        var points: [EvaluationRecord.Point] = []
        for (place, file) in models.enumerated() {
            let setting = "lambda \(compact(file.lambda))"
            loop.begin(setting)
            let evaluation = CodecEvaluation(
                images: folder, layers: file.architecture.decodingOrder.count, threads: threads,
                keep: try keeper(folder, setting: setting)
            ) { try VectorTransformCodec(file) }
            guard try loop.run(evaluation) == .finished else { return true }
            points.append(.init(setting: setting, lambda: file.lambda, images: evaluation.results))
            if loop.isCoordinator {
                progress.show(fraction: Double(place + 1) / Double(models.count), text: setting)
            }
        }
        progress.finish()
        guard loop.isCoordinator else { return false }
        try finish(points.sorted { $0.mean.bitsPerPixel < $1.mean.bitsPerPixel }, ranks: world.size)
        return false
    }

    /// What keeps an image's file and its decoded picture, in the form that `lloyd compare --pictures` reads.
    private func keeper(_ folder: PhotoFolder, setting: String) throws -> ((Int, Data, Image) throws -> Void)? {
        guard let keep else { return nil }
        let target = "\(keep)/\(EvaluationRecord.slug(title))/\(EvaluationRecord.slug(setting))"
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        return { index, data, image in
            let name = (folder.name(index).replacingOccurrences(of: "/", with: "-") as NSString).deletingPathExtension
            try AtomicFile.write(data, to: "\(target)/\(name).lloyd")
            try image.writePNG(to: "\(target)/\(name).png")
        }
    }

    private var title: String { name ?? ((model as NSString).lastPathComponent as NSString).deletingPathExtension }

    private func finish(_ points: [EvaluationRecord.Point], ranks: Int) throws {
        let record = EvaluationRecord(
            name: title, description: "NVTC, files of lloyd encode", coder: model, data: data, ranks: ranks,
            threads: threads, processor: Machine().processor, points: points)
        if let json { try JSONOutput.write(record, to: json) }
        if let curve { try JSONOutput.write(CompressAICurve(record), to: curve) }
        var table = TextTable(rightAligned: [1, 2, 3, 4, 5, 6])
        table.rows = [["setting", "bits per pixel", "PSNR dB", "MS-SSIM", "bytes / estimate", "encode s", "decode s"]]
        for point in points {
            let mean = point.mean
            let bytes = point.images.reduce(0.0) { $0 + Double($1.bytes) }
            let estimate = point.images.reduce(0.0) { $0 + ($1.estimatedBits ?? 0) / 8 }
            table.rows.append([
                point.setting, String(format: "%.4f", mean.bitsPerPixel), String(format: "%.3f", mean.psnr),
                mean.msSSIM.map { String(format: "%.4f", $0) } ?? "", String(format: "%.4f", bytes / estimate),
                String(format: "%.2f", mean.encodingSeconds), String(format: "%.2f", mean.decodingSeconds),
            ])
        }
        print(
            "\(points.first?.images.count ?? 0) images of \(data); all files decoded to what was encoded\n\(table.text)"
        )
    }
}

/// The mean curve of an evaluation in the form of CompressAI's benchmark.
struct CompressAICurve: Encodable {
    var name: String
    var description: String
    var results: [String: [Double]]

    init(_ record: EvaluationRecord) {
        name = record.name
        description = record.description
        let means = record.points.map(\.mean)
        results = [
            "bpp": means.map(\.bitsPerPixel), "psnr-rgb": means.map(\.psnr),
            "encoding_time": means.map(\.encodingSeconds), "decoding_time": means.map(\.decodingSeconds),
        ]
        let similarities = means.compactMap(\.msSSIM)
        if similarities.count == means.count { results["ms-ssim-rgb"] = similarities }
    }
}
