/// A training method that can be interrupted after any step and continued by another process with the same bytes.
///
///     let state = method.state()                              // after a step, on the coordinator
///     if let state { try another.restore(state) }             // a method made from the same settings, on every rank
///     // its steps are those that `method` would have done
///
/// The loop asks for states when a checkpoint is due and restores them when a run is resumed. A method without them is
/// repeated from its beginning.
public protocol ResumableMethod: TrainingMethod {
    /// A copy of what the next steps depend on; nil if there is nothing worth keeping, such as before the first step.
    func state() -> TrainingState?
    /// Continues from where `state` was taken. Called before the first step.
    /// - Throws: `LloydError` if the state is that of another method, or of other settings.
    func restore(_ state: TrainingState) throws
}
