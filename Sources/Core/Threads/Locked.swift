import Foundation

/// A value that one thread at a time may use.
///
///     let failures = Locked<[String]>([])
///     failures.withLock { $0.append("rank 2 is gone") }       // from any thread
///
/// It is a lock of the system's threads. `Mutex` of the module Synchronization would do, too, but ThreadSanitizer does not see
/// it and takes everything that it protects for a race.
public final class Locked<Value>: @unchecked Sendable {
    private var value: Value
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    public init(_ value: Value) {
        self.value = value
        lock.initialize(to: pthread_mutex_t())
        pthread_mutex_init(lock, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    /// Calls `body` with the value, while no other thread has it. `body` must not use this lock again.
    public func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value)
    }
}
