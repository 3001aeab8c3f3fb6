// Lines stand as the doc comments have them.
// swift-format-ignore-file
import Datasets
import MethodKit
import Neural
import Stepping
import Training

@testable import NVTC

private func codewordUsageExample(architecture: NVTCArchitecture) {
    let usage = CodewordUsage(architecture)
    usage.range(layer: 0, position: 3)                      // that codebook's counts
    usage.perplexity(layer: 0)                              // 2^entropy, mean over positions
}

private func cropPrefetchExample(sampler: CropSampler, pass: NVTCPass) throws {
    let crops = CropPrefetch(sampler, ahead: 8, end: 160_000, isOn: true)
    try crops.fill(pass, item: 17)                          // and asks for item 25, which the next step will need
}

private func cropSamplerExample(photos: any ImageCollection, pass: NVTCPass) throws {
    let sampler = CropSampler(images: photos, size: 256, seed: 1, stream: 0)
    try sampler.crop(17, isWhole: true).fill(pass)          // item 17 of the run
}

private func metricsWindowExample(window: MetricsWindow, total: Statistics, squaredError: SumField) {
    window.add(total)                                       // a step's sums over all shards
    window.revived += 3
    window.sums[squaredError] / Double(window.steps)        // mean of a step
    window.reset()                                          // when the row is written
}

private func descentExample(
    model: NVTCModel, settings: NVTCSettings, photos: any ImageCollection, loop: TrainingLoop
) throws {
    let descent = NVTCDescent(model, settings, lambda: 256, from: .newWeights, images: photos, threads: 1)
    _ = try loop.run(descent, shards: descent.microBatches) // on any number of ranks
    descent.step                                            // steps done
}

private func studyExample(
    settings: NVTCSettings, photos: any ImageCollection, kodak: any ImageCollection, loop: TrainingLoop
) throws {
    let study = NVTCStudy(settings: settings, data: photos, validation: kodak, names: ("photos", "Kodak"))
    let record = try study.run(RunContext(loop: loop, parts: FinishedParts()))      // nil if a signal stopped it
}

private func validationExample(model: NVTCModel, kodak: any ImageCollection, loop: TrainingLoop) throws {
    let validation = NVTCValidation(model, lambda: 256, rateConstrained: true, images: kodak)
    _ = try loop.run(validation, shards: kodak.count)
    validation.results[0].psnr                              // dB, of the reconstruction rounded to bytes
}

private func progressiveInitializationExample(
    model: NVTCModel, adam: Adam, usage: CodewordUsage, phase: NVTCPhase, settings: NVTCSettings.Initialization
) {
    let revived = ProgressiveInitialization.revive(model, adam, usage, phase, settings, seed: 1, step: 10_000)
}
