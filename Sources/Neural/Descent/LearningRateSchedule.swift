import Foundation

/// The learning rate of every step.
///
///     let schedule = LearningRateSchedule(peak: 1e-3, warmUp: 100, shape: .cosine(floor: 0.01))
///     let rate = schedule.rate(step: 50, of: 8000)            // half way up
///     let steps = LearningRateSchedule(peak: 1e-4, shape: .milestones([.init(share: 0.8, factor: 0.1)]))
public struct LearningRateSchedule: Sendable, Equatable {
    /// What follows the rise.
    public enum Shape: Sendable, Equatable {
        /// Stays at the peak.
        case constant
        /// Falls as half a cosine to `floor` times the peak (Loshchilov and Hutter 2017).
        case cosine(floor: Double)
        /// From each share of the steps on, multiplied by a factor.
        case milestones([Milestone])
    }

    /// A change of the rate at one step.
    public struct Milestone: Sendable, Equatable {
        /// Share of all steps, in 0...1, from which on it holds.
        public var share: Double
        /// What the rate is multiplied by from there on.
        public var factor: Double

        /// A factor from a share of the steps on.
        public init(share: Double, factor: Double) {
            self.share = share
            self.factor = factor
        }
    }

    /// The largest rate.
    public var peak: Double
    /// Steps of a linear rise from 0; 0 for none.
    public var warmUp: Int
    /// What follows the rise.
    public var shape: Shape

    /// A schedule of a peak, a rise to it and what follows.
    public init(peak: Double, warmUp: Int = 0, shape: Shape = .constant) {
        self.peak = peak
        self.warmUp = warmUp
        self.shape = shape
    }

    /// The rate of step `step`, counted from 0, of `count`.
    public func rate(step: Int, of count: Int) -> Double {
        if step < warmUp { return peak * Double(step + 1) / Double(warmUp) }
        let share = Double(step - warmUp) / Double(max(1, count - warmUp))
        switch shape {
        case .constant: return peak
        case .cosine(let floor): return peak * (floor + (1 - floor) * (1 + cos(.pi * min(1, share))) / 2)
        case .milestones(let milestones):
            let passed = milestones.filter { Double(step) / Double(max(1, count)) >= $0.share }
            return passed.reduce(peak) { $0 * $1.factor }
        }
    }
}
