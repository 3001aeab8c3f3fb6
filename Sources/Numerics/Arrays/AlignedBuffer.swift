#if canImport(Glibc)
    import Glibc
#endif

/// Memory for bulk numbers: aligned for SIMD, backed by huge pages when large, freed with its last reference.
///
///     let sums = AlignedBuffer<Float>(count: 1 << 20)      // zeros
///     sums[3] += 1
///     sums.zero()                                           // reused instead of allocated again
///
/// A buffer is a reference: assigning it shares the memory. The first touch of fresh 4 KiB pages costs more than most
/// kernels here, so steps allocate once and reuse. It may also be a view of memory that something else manages,
/// such as a mapped file.
public final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    /// The first element, aligned to 64 bytes.
    public let pointer: UnsafeMutablePointer<Element>
    /// Elements in the buffer.
    public let count: Int
    /// The object that frees the memory, kept alive until then; nil if the buffer frees it itself.
    private let owner: AnyObject?

    /// Alignment of every buffer: a cache line, which is also the widest SIMD register.
    static var alignment: Int { 64 }
    /// Buffers of at least this many bytes are aligned to, and ask for, huge pages of 2 MiB.
    static var hugePage: Int { 2 << 20 }

    /// `count` zeroed elements. Ends the program if there is no memory for them.
    public init(count: Int) {
        precondition(count >= 0, "a buffer cannot hold \(count) elements")
        self.count = count
        owner = nil
        let bytes = max(count * MemoryLayout<Element>.stride, 1)
        let large = bytes >= Self.hugePage
        var memory: UnsafeMutableRawPointer?
        let status = posix_memalign(&memory, large ? Self.hugePage : Self.alignment, bytes)
        guard status == 0, let memory else {
            fatalError("out of memory: \(bytes) bytes could not be allocated")
        }
        #if os(Linux)
            if large { _ = madvise(memory, bytes, MADV_HUGEPAGE) }
        #endif
        memset(memory, 0, bytes)
        pointer = memory.bindMemory(to: Element.self, capacity: count)
    }

    /// A copy of the elements.
    public convenience init(_ elements: some Collection<Element>) {
        self.init(count: elements.count)
        _ = UnsafeMutableBufferPointer(start: pointer, count: count).update(fromContentsOf: elements)
    }

    /// A view of `count` elements in memory that `owner` manages and frees.
    /// - Precondition: the memory is aligned to 64 bytes.
    public init(_ memory: UnsafeMutableRawPointer, count: Int, owner: AnyObject) {
        precondition(Int(bitPattern: memory) % Self.alignment == 0)
        pointer = memory.bindMemory(to: Element.self, capacity: count)
        self.count = count
        self.owner = owner
    }

    deinit { if owner == nil { free(pointer) } }

    /// One element. Bounds are checked in debug builds only.
    @inlinable public subscript(index: Int) -> Element {
        get {
            assert(index >= 0 && index < count)
            return pointer[index]
        }
        set {
            assert(index >= 0 && index < count)
            pointer[index] = newValue
        }
    }

    /// The elements in place, for reading and writing.
    public var elements: UnsafeMutableBufferPointer<Element> { .init(start: pointer, count: count) }

    /// Sets every byte to zero.
    public func zero() { memset(pointer, 0, count * MemoryLayout<Element>.stride) }
}
