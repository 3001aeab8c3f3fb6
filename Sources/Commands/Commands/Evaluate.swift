import ArgumentParser
import Codec
import Core
import Datasets
import Foundation
import Messaging
import MethodKit
import Numerics
import Training

struct Evaluate: ParsableCommand, DataNaming {
    static let configuration = CommandConfiguration(
        abstract: "Codes images to real files with every model of a run, and measures.",
        discussion: HelpText.discussion(
            .evaluate,
            """
            Alone or under mpirun: ranks share the images. Rates are bytes of files; every file is decoded again and its \
            indices compared. PSNR and MS-SSIM are of 8-bit samples, per image and then averaged. `lloyd compare` makes \
            reports of the JSON file.
            """,
            examples: [
                "lloyd evaluate runs/mine --data kodak --json evaluation.json",
                "lloyd compare evaluation.json --anchors Configs/anchors/kodak.json --out Reports/codecs",
            ]))

    @Argument(help: ArgumentHelp("A finished run, or a model's file.", valueName: "run|file"))
    var model: String

    @Option(
        help: ArgumentHelp(
            "The folder of images. (default: those that the run has held back, if it has any)", valueName: "folder"))
    var data: String?

    @Option(help: "Only the models of these lambdas, separated by commas. (default: all)")
    var lambda: String?

    @Option(
        help: "Numbers of layers, separated by commas, if the model codes in layers. (default: some, and all there are)"
    )
    var layers: String?

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
        help: ArgumentHelp(
            "Keeps coded files and decoded images, as lloyd compare --pictures reads them.", valueName: "folder"))
    var keep: String?

    var dataNames: [String] { [data].compactMap { $0 } }

    func validate() throws {
        guard threads >= 1, threads <= 1024 else { throw ValidationError("--threads must be from 1 to 1024") }
        guard images >= 1 else { throw ValidationError("--images must be at least 1") }
        _ = try lambdas()
    }

    private func lambdas() throws -> [Double]? {
        try lambda?.split(separator: ",").map {
            guard let value = Double($0.trimmingCharacters(in: .whitespaces)), value > 0 else {
                throw ValidationError("--lambda: `\($0)` is not a number above 0")
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
        if world.rank == 0 { try Outputs.check([json, curve], inputs: [model, data]) }
        if json == nil, curve == nil, keep == nil { Terminal.use(standardOutputFor: .result) }
        let opening = DataOpening(search: DamagedImageSearch(world: world, team: Team(threads: threads)))
        let work = try Methods.coder(for: model).evaluation(
            of: model,
            EvaluationRequest(
                data: data, lambdas: try lambdas(), layers: layers, images: images, opening: opening,
                schema: Methods.schema))
        guard world.size <= work.images.count else {
            throw LloydError(
                path: work.dataName, problem: "holds \(work.images.count) images for \(world.size) ranks",
                remedy: "start at most \(work.images.count) ranks")
        }
        let loop = try TrainingLoop(communicator: world, team: Team(threads: threads), shards: work.images.count)
        let progress = ProgressLine()
        var points: [EvaluationRecord.Point] = []
        for (index, point) in work.points.enumerated() {
            loop.begin(point.setting)
            let evaluation = CodecEvaluation(
                images: work.images, layers: point.layers, threads: threads,
                keep: try keeper(work, setting: point.setting), makeCodec: point.makeCoder)
            guard try loop.run(evaluation) == .finished else { return true }
            points.append(.init(setting: point.setting, lambda: point.lambda, images: evaluation.results))
            if loop.isCoordinator {
                progress.show(
                    fraction: Double(index + 1) / Double(work.points.count),
                    text: "\(point.setting): \(work.images.count) images coded")
            }
        }
        progress.finish()
        guard loop.isCoordinator else { return false }
        try finish(points.sorted { $0.mean.bitsPerPixel < $1.mean.bitsPerPixel }, work, ranks: world.size)
        return false
    }

    /// What keeps an image's file and its decoded picture, in the form that `lloyd compare --pictures` reads.
    private func keeper(_ work: EvaluationWork, setting: String) throws -> ((Int, Data, Image) throws -> Void)? {
        guard let keep else { return nil }
        let target = "\(keep)/\(EvaluationRecord.slug(title))/\(EvaluationRecord.slug(setting))"
        let originals = work.keepsOriginals ? "\(keep)/originals" : nil
        for folder in [target, originals].compactMap({ $0 }) {
            try OutputFile.makeFolder(folder)
        }
        let images = work.images
        let names = EvaluationRecord.fileNames(of: EvaluationRecord.names(of: (0..<images.count).map(images.name)))
        let inputs = work.inputs + [data].compactMap { $0 }
        return { index, coded, image in
            let name = names[index]
            func write(_ bytes: Data, _ path: String) throws {
                if FileManager.default.fileExists(atPath: path) { try OutputFile.check(path, against: inputs) }
                try OutputFile.write(bytes, to: path)
            }
            try write(coded, "\(target)/\(name).lloyd")
            try write(image.pngData(), "\(target)/\(name).png")
            if let originals {
                let own = try images.image(index)
                try write((image.channels == 1 ? own.gray() : own).pngData(), "\(originals)/\(name).png")
            }
        }
    }

    private var title: String { name ?? ((model as NSString).lastPathComponent as NSString).deletingPathExtension }

    private func finish(_ points: [EvaluationRecord.Point], _ work: EvaluationWork, ranks: Int) throws {
        let record = EvaluationRecord(
            name: title, description: work.description, coder: model, data: work.dataName, ranks: ranks,
            threads: threads, processor: Machine().processor, points: points)
        if let json { try JSONOutput.write(record, to: json) }
        if let curve {
            try JSONOutput.write(CompressAICurve(record, name: record.name, description: record.description), to: curve)
        }
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
            "\(work.dataName); all files decoded to what was encoded\n\(table.text)"
        )
        if let json { print("Measurements: \(json)") }
        if let curve { print("Curve: \(curve)") }
        if let keep { print("Files and pictures: \(keep)/\(EvaluationRecord.slug(title))") }
    }
}
