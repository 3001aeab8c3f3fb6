import Datasets
import Foundation
import Messaging
import Numerics

/// Crops of the next step, cut out in the background while this one computes.
///
///     let crops = CropPrefetch(sampler, ahead: 8, end: 160_000, isOn: true)
///     try crops.fill(pass, item: 17)                          // and asks for item 25, which the next step will need
///
/// The crops that will be needed are known in advance: a thread that needs item i in this step needs i + batch in the
/// next. So at most one step's crops of this rank are kept, and one image is decoded at a time. A crop is the same
/// whether it was made ahead or not, and an image that cannot be read is an error in the step that needs it.
final class CropPrefetch: @unchecked Sendable {
    private let sampler: CropSampler
    private let ahead: Int
    private let end: Int
    private let isOn: Bool
    private let queue = DispatchQueue(label: "crops", qos: .utility)
    private let condition = NSCondition()
    /// What was asked for, by item.
    private var crops: [Int: Entry] = [:]

    private enum Entry {
        case requested
        case made(Result<CropSampler.Crop, any Error>)
    }

    /// - Parameters:
    ///   - ahead: items from a crop to the one that the same worker needs in the next step.
    ///   - end: items of all steps.
    ///   - isOn: whether crops are made ahead at all.
    init(_ sampler: CropSampler, ahead: Int, end: Int, isOn: Bool) {
        self.sampler = sampler
        self.ahead = ahead
        self.end = end
        self.isOn = isOn
    }

    /// Copies the item's crop into the pass's input.
    /// - Throws: `LloydError` for an image that cannot be read.
    func fill(_ pass: NVTCPass, item: Int) throws {
        guard isOn else { return try sampler.crop(item, isWhole: true).fill(pass) }
        let ready = take(item)
        if item + ahead < end { request(item + ahead) }
        try (ready?.get() ?? sampler.crop(item, isWhole: true)).fill(pass)
    }

    /// The crop if it was asked for, once it is there.
    private func take(_ item: Int) -> Result<CropSampler.Crop, any Error>? {
        condition.lock()
        defer { condition.unlock() }
        while let entry = crops[item] {
            if case .made(let result) = entry {
                crops[item] = nil
                return result
            }
            condition.wait()
        }
        return nil
    }

    private func request(_ item: Int) {
        condition.lock()
        defer { condition.unlock() }
        guard crops[item] == nil else { return }
        crops[item] = .requested
        queue.async { [weak self] in
            guard let self else { return }
            let result = Result { try self.sampler.crop(item, isWhole: false) }
            condition.withLock { self.crops[item] = .made(result) }
            condition.broadcast()
        }
    }

    /// Whether the ranks of this machine leave a core free for it.
    static func hasSpareCore(threads: Int) -> Bool {
        let ranks = MPIEnvironment.announcedRanksHere ?? 1
        return Double(ranks * threads) + 1 <= Machine().cores
    }
}
