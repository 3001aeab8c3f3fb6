/// A training method that can be interrupted after any step and go on elsewhere with the same bytes.
///
///     let state = method.state()                              // after a step, on the coordinator
///     try another.restore(state!)                             // a method made from the same settings, on every rank
///     // its steps are those that `method` would have done
///
/// The loop asks for states when a checkpoint is due and hands them back when a run is resumed; a method that has none is
/// repeated from its beginning.
public protocol ResumableMethod: TrainingMethod {
    /// A copy of what the next steps depend on; nil at a moment that is not worth keeping, such as before the first step.
    func state() -> TrainingState?
    /// Goes on where `state` was taken. Called before the first step.
    /// - Throws: `DatasetError` where the state is another method's.
    func restore(_ state: TrainingState) throws
}
