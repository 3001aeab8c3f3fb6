// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Messaging

/// What members wait for.
final class MonitoredState {
    var isReady = false
}

private func monitorExample(state: MonitoredState) {
    let monitor = Monitor()
    monitor.locked { state.isReady = true; monitor.wakeAll() }
    monitor.locked { while !state.isReady { monitor.wait() } }
    // `wait` releases the lock while it sleeps
}
