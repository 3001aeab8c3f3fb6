import Foundation

/// A lock with one condition: what the members of an in-process group wait on.
///
///     let monitor = Monitor()
///     monitor.locked { state.isReady = true; monitor.wakeAll() }
///     monitor.locked { while !state.isReady { monitor.wait() } }
///     // `wait` releases the lock while it sleeps
final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Sleeps until woken (or spuriously). Only inside `locked`.
    func wait() { pthread_cond_wait(condition, mutex) }

    /// Wakes every sleeper. Only inside `locked`.
    func wakeAll() { pthread_cond_broadcast(condition) }
}
