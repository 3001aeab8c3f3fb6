import Datasets
import Foundation

/// A folder of reference vectors: weights, an image, and what the published implementation makes of them.
///
///     let folder = try ParityFolder("nvtc-tiny")
///     folder.phases.map(\.name)                               // ["full", "init_all", "init_stage3_only"]
///     try folder.indices("full", stage: 0, layer: 0)          // codewords, blocks x positions
///
/// It holds weights.safetensors, expected.safetensors and meta.json, which describes the other two.
package struct ParityFolder {
    /// A phase of training, with what is expected in it.
    package struct Phase {
        /// As the tensors' names begin: "full".
        package var name: String
        /// What is on.
        package var phase: NVTCPhase
        /// What meta.json says of it.
        var expected: ExpectedPhase
    }

    /// Of the folder.
    package let path: String
    /// The model's sizes.
    package let architecture: NVTCArchitecture
    /// Weight of the mean squared error against bits, both per sub-pixel.
    package let lambda: Double
    /// By name.
    package let phases: [Phase]
    /// The image that everything was computed of, three channels.
    package let image: Image
    /// How the image lies in its tensor: "channels first" as its shape says, or "channels last" in spite of it.
    package let imageOrder: String
    let weights: SafeTensors
    let expected: SafeTensors

    /// - Throws: `LloydError` for a file that is missing, damaged, or does not fit the others.
    package init(_ path: String) throws {
        self.path = path
        let metaPath = path + "/meta.json"
        let meta = try Self.meta(metaPath)
        architecture = try meta.config.architecture(path: metaPath)
        guard meta.config.lmbda > 0, meta.config.lmbda.isFinite else {
            throw LloydError(path: metaPath, problem: "has no positive lmbda", remedy: "give config.lmbda")
        }
        lambda = meta.config.lmbda
        weights = try SafeTensors(path + "/weights.safetensors")
        expected = try SafeTensors(path + "/expected.safetensors")
        let stages = architecture.stages
        phases = try meta.phases.sorted { $0.key < $1.key }.map { name, phase in
            guard phase.use_vq.count == stages.count,
                zip(phase.use_vq, stages).allSatisfy({ $0.count == $1.layers })
            else {
                throw LloydError(
                    path: metaPath, problem: "phase “\(name)” does not say for every layer whether it is quantized",
                    remedy: "give use_vq as a list of stages, each a list of layers")
            }
            return Phase(
                name: name,
                phase: NVTCPhase(
                    quantized: phase.use_vq.map { $0.map { $0 != 0 } }, rateConstrained: phase.rate_constrain,
                    conditional: phase.conditional_prior),
                expected: phase)
        }
        (image, imageOrder) = try Self.readImage(expected, phases)
    }

    private static func meta(_ path: String) throws -> Meta {
        do {
            return try JSONFile(file: path).decode(Meta.self)
        } catch let error as LloydError {
            throw LloydError(
                path: error.path, problem: error.problem,
                remedy: "name a folder with weights.safetensors, expected.safetensors and meta.json", kind: error.kind)
        }
    }

    /// The image, in whichever order of its numbers gives the distortion that the folder states.
    ///
    /// Files written from an array whose memory is ordered otherwise than its shape says are common enough that the
    /// stated distortion decides: it takes only the image and the expected reconstruction.
    private static func readImage(_ file: SafeTensors, _ phases: [Phase]) throws -> (Image, String) {
        func fault(_ problem: String) -> LloydError {
            LloydError(
                path: file.path, problem: "tensor “input.x” \(problem)",
                remedy: "store one RGB image as F32 of shape [1, 3, height, width]")
        }
        guard let shape = file.description(of: "input.x")?.shape else { throw fault("is missing") }
        guard shape.count == 4, shape[0] == 1, shape[1] == 3, shape[2] > 0, shape[3] > 0 else {
            throw fault("has the shape \(shape)")
        }
        guard let values = try file.tensor("input.x").floats() else { throw fault("is not of type F32") }
        guard values.allSatisfy(\.isFinite) else { throw fault("holds a number that is not finite") }
        let (height, width) = (shape[2], shape[3])
        let plane = height * width
        var transposed = values
        for pixel in 0..<plane {
            for color in 0..<3 { transposed[color * plane + pixel] = values[pixel * 3 + color] }
        }
        func misfit(_ samples: [Float]) throws -> Double {
            try phases.reduce(0) { sum, phase in
                let made = try file.elements("\(phase.name).x_hat", as: Float.self)
                guard made.count == samples.count else { throw fault("and “\(phase.name).x_hat” differ in size") }
                let error = zip(samples, made).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
                return sum + abs(error / Double(samples.count) / phase.expected.mse - 1)
            }
        }
        let isTransposed = try misfit(transposed) < misfit(values)
        return (
            Image(width: width, height: height, channels: 3, samples: isTransposed ? transposed : values),
            isTransposed ? "channels last" : "channels first"
        )
    }

    /// The codewords that a layer is expected to choose, row by row.
    /// - Throws: `LloydError` if there are none.
    func indices(_ phase: String, stage: Int, layer: Int) throws -> [Int32] {
        try expected.elements("\(phase).indices.\(stage).\(layer)", as: Int32.self)
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
/// What meta.json says of a phase, in its own words.
struct ExpectedPhase: Decodable {
    struct Layer: Decodable {
        var stage: Int
        var layer: Int
        var rate_unconditional_bits: Double
        var rate_conditional_bits: Double
        var vq_distance: Double
    }

    var rate_constrain: Bool
    var conditional_prior: Bool
    var use_vq: [[Int]]
    var layers: [Layer]
    var rate: Double
    var rd_loss: Double
    var vq_loss: Double
    var loss: Double
    var mse: Double
}

// swift-format-ignore: AlwaysUseLowerCamelCase
private struct Meta: Decodable {
    var config: Config
    var phases: [String: ExpectedPhase]

    struct Config: Decodable {
        var lmbda: Double
        var n_stage: Int
        var n_layer: [Int]
        var downscale_factor: [Int]
        var vt_dim: [Int]
        var vt_nunit: [Int]
        var block_size: [Int]
        var cb_dim: [Int]
        var cb_size: [Int]
        var param_dim: [Int]
        var param_nlevel: [Int]

        func architecture(path: String) throws -> NVTCArchitecture {
            let lists = [
                n_layer, downscale_factor, vt_dim, vt_nunit, block_size, cb_dim, cb_size, param_dim, param_nlevel,
            ]
            guard n_stage > 0, lists.allSatisfy({ $0.count == n_stage && $0.allSatisfy { $0 > 0 } }) else {
                throw LloydError(
                    path: path, problem: "does not give every size of config for each of its \(n_stage) stages",
                    remedy: "give lists of positive numbers, one a stage")
            }
            var before = 1
            let stages = try (0..<n_stage).map { stage in
                guard downscale_factor[stage] % before == 0 else {
                    throw LloydError(
                        path: path,
                        problem: "has downscale_factor \(downscale_factor), of which one does not divide the next",
                        remedy: "give factors such as [4, 8, 16]")
                }
                defer { before = downscale_factor[stage] }
                return NVTCArchitecture.Stage(
                    factor: downscale_factor[stage] / before, layers: n_layer[stage], width: vt_dim[stage],
                    units: vt_nunit[stage], block: block_size[stage], codewords: cb_size[stage],
                    dimension: cb_dim[stage], priorParameters: param_dim[stage], priorLevels: param_nlevel[stage])
            }
            let architecture = NVTCArchitecture(stages: stages)
            guard architecture.isSound else {
                throw LloydError(
                    path: path, problem: "gives sizes in config that a model cannot have",
                    remedy: NVTCArchitecture.limits)
            }
            return architecture
        }
    }
}
