import Numerics

/// A model recorded once for one size of micro-batch, then run forward and backward again and again without allocating.
///
///     let tape = Tape(parameters: parameters)
///     let x = tape.input(rows: 256, columns: 2)
///     let y = decoder(encoder(x, on: tape), on: tape)
///     squaredError(x, y, term: tape.term("distortion"), on: tape)
///     tape.forward()
///     tape.backward(into: gradients) { _ in }
///
/// Layers append operations while the tape is recorded; the first `backward` plans the gradients' memory, which values
/// share when their gradients live at different times. A tape belongs to one thread; parameters may be shared.
public final class Tape {
    /// What the layers on the tape learn.
    public let parameters: ParameterSet
    /// In the order of the forward pass.
    public private(set) var operations: [any Operation] = []
    /// The parts of the objective, in the order in which they were made.
    public private(set) var terms: [Term] = []
    private var written: AlignedBuffer<Bool>
    private var slots: [AlignedBuffer<Float>] = []
    /// For each operation: the offset from which on all parameter gradients are final when its backward is done.
    private var finalFrom: [Int] = []
    private var planned = false
    private let scratchMemory = ScratchMemory()
    /// Whether the tape can run backward, and so keeps what that needs.
    public let isTraining: Bool
    /// How the operations that are recorded from here on compute their forward products.
    public var arithmetic = Arithmetic.fast
    /// Whether the tape has memory, and can run.
    public let isAllocated: Bool
    private var keptSlots: [ScratchMemory] = []
    private var inputs: [Value] = []
    /// Floats of each slot that values share on a tape that only runs forward, and that gradients share on one that trains.
    private var sharedCounts: [Int] = []

    /// An empty tape; the set's parameters are all added.
    /// - Parameters:
    ///   - isTraining: false for a tape that only runs forward: values and what operations keep share memory, so that whole
    ///     images fit; only pinned values are valid after `forward`.
    ///   - isAllocated: false for a tape that never runs, to learn what it would need: its `memory`.
    public init(parameters: ParameterSet, isTraining: Bool = true, isAllocated: Bool = true) {
        self.parameters = parameters
        self.isTraining = isTraining
        self.isAllocated = isAllocated
        written = AlignedBuffer(count: parameters.parameters.count)
    }

    // MARK: Recording

    /// A value that the caller fills before `forward`.
    public func input(rows: Int, columns: Int) -> Value {
        let value = Value(
            rows: rows, columns: columns, needsGradient: false, isOwner: true, isAllocated: isAllocated)
        inputs.append(value)
        return value
    }

    /// The value that an operation with these inputs and parameters computes.
    public func output(rows: Int, columns: Int, of inputs: [Value], parameters: [Parameter] = []) -> Value {
        Value(
            rows: rows, columns: columns, needsGradient: !parameters.isEmpty || inputs.contains(where: \.needsGradient),
            isOwner: isTraining, isAllocated: isAllocated)
    }

    /// Keeps a value's memory its own on a tape that only runs forward, so that it can be read afterwards.
    public func pin(_ value: Value) { value.own() }

    /// Adds a scalar part of the objective, with a weight of 0.
    public func term(_ name: String) -> Term {
        let term = Term(name: name)
        terms.append(term)
        return term
    }

    /// Memory that an operation keeps from its forward to its backward. A tape that only runs forward gives all
    /// operations the same: then it is valid within one call of `forward`.
    /// - Parameter slot: tells apart the pieces of one operation.
    public func kept(_ count: Int, slot: Int = 0) -> ScratchMemory {
        if isTraining {
            let memory = ScratchMemory()
            memory.reserve(count, allocating: isAllocated)
            keptSlots.append(memory)
            return memory
        }
        while keptSlots.count <= slot { keptSlots.append(ScratchMemory()) }
        keptSlots[slot].reserve(count, allocating: isAllocated)
        return keptSlots[slot]
    }

    /// Memory that an operation uses within one call of `forward` or `backward`: all operations of the tape get the same.
    public func scratch(_ count: Int) -> ScratchMemory {
        scratchMemory.reserve(count, allocating: isAllocated)
        return scratchMemory
    }

    /// Appends an operation, whose inputs are inputs of the tape or outputs of earlier operations.
    public func record(_ operation: any Operation) {
        precondition(!planned, "a tape that has run cannot grow")
        operations.append(operation)
    }

    // MARK: Running

    /// Computes all values and terms.
    public func forward() {
        precondition(isAllocated, "a tape that is only planned cannot run")
        prepare()
        forward(operations.indices)
    }

    /// Ends the recording of a tape that only runs forward, for callers that run its operations part by part.
    public func prepare() {
        if !isTraining, !planned { plan() }
    }

    /// Computes some of the operations again, after something that only they depend on has changed.
    public func forward(_ range: Range<Int>) {
        for index in range { operations[index].forward() }
    }

    /// Computes the gradient of the objective with respect to every parameter.
    /// - Parameters:
    ///   - gradients: `parameters.count` floats, overwritten.
    ///   - finished: called with an offset whenever all gradients from there on are final: they may be reduced while
    ///     the pass continues. Called last with 0.
    /// - Throws: what `finished` throws.
    public func backward(into gradients: UnsafeMutablePointer<Float>, finished: (Int) throws -> Void) rethrows {
        try backward(into: gradients, finished: finished, done: { _ in })
    }

    /// - Parameter done: called with the index of every operation when its backward has returned.
    private func backward(
        into gradients: UnsafeMutablePointer<Float>, finished: (Int) throws -> Void, done: (Int) -> Void
    ) rethrows {
        precondition(isTraining && isAllocated, "a tape that only runs forward has no backward")
        if !planned { plan() }
        written.zero()
        for operation in operations { operation.output?.hasGradient = false }
        let pass = BackwardPass(gradients: gradients, written: written.pointer)
        var clean = parameters.count
        for index in operations.indices.reversed() {
            let operation = operations[index]
            // If nothing downstream depends on the output, there is no gradient to pass on.
            if operation.output.map({ $0.needsGradient && $0.hasGradient }) ?? true { operation.backward(pass) }
            done(index)
            let bound = finalFrom[index]
            if bound < clean {
                clearUnwritten(bound..<clean, gradients)
                clean = bound
                try finished(bound)
            }
        }
        if clean > 0 {
            clearUnwritten(0..<clean, gradients)
            try finished(0)
        }
    }

    /// Runs forward and backward once and says for every operation how long its two parts took.
    /// - Parameter report: the operation's kind, and seconds of its forward and its backward.
    public func measure(
        into gradients: UnsafeMutablePointer<Float>,
        report: (_ kind: String, _ forward: Double, _ backward: Double) -> Void
    ) {
        let clock = ContinuousClock()
        var mark = clock.now
        /// Seconds since the last call.
        func lap() -> Double {
            let now = clock.now
            defer { mark = now }
            let parts = (now - mark).components
            return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
        }
        let forwards = operations.map { operation in
            operation.forward()
            return lap()
        }
        backward(
            into: gradients, finished: { _ in },
            done: { index in report("\(type(of: operations[index]))", forwards[index], lap()) })
    }

    /// What the products of a forward and a backward pass amount to.
    public var work: OperationWork { operations.reduce(OperationWork()) { $0 + $1.work } }

    /// The objective of the last `forward`.
    public var objective: Double { terms.reduce(0) { $0 + $1.weight * $1.value } }

    /// Zeroes the padding, and the gradients of parameters that no operation has touched.
    private func clearUnwritten(_ range: Range<Int>, _ gradients: UnsafeMutablePointer<Float>) {
        for parameter in parameters.parameters where range.contains(parameter.offset) {
            let used = written[parameter.index] ? parameter.count : 0
            let end = parameter.offset + parameter.extent
            (gradients + parameter.offset + used).update(repeating: 0, count: end - parameter.offset - used)
        }
        let end = parameters.parameters.last.map { $0.offset + $0.extent } ?? 0
        if range.upperBound == parameters.count {
            (gradients + end).update(repeating: 0, count: parameters.count - end)
        }
    }

    // MARK: Planning

    /// What a tape keeps in memory, in bytes, beside the parameters.
    public struct Memory: Sendable, Equatable {
        /// Values, each with memory of its own or, if the tape only runs forward, shared.
        public var values = 0
        /// What operations keep from forward to backward.
        public var kept = 0
        /// Gradients of values.
        public var gradients = 0
        /// What one operation at a time works in.
        public var scratch = 0

        /// All of it, in bytes.
        public var total: Int { values + kept + gradients + scratch }
    }

    /// What this tape needs, or would need if it is not allocated.
    public var memory: Memory {
        if !planned { plan() }
        let own = inputs + operations.compactMap(\.output)
        var seen: Set<ObjectIdentifier> = []
        var floats = 0
        for value in own where value.isOwner && seen.insert(ObjectIdentifier(value)).inserted { floats += value.count }
        let shared = sharedCounts.reduce(0, +)
        return Memory(
            values: 4 * (floats + (isTraining ? 0 : shared)), kept: 4 * keptSlots.reduce(0) { $0 + $1.count },
            gradients: isTraining ? 4 * shared : 0, scratch: 4 * scratchMemory.count)
    }

    private func plan() {
        planned = true
        if isTraining {
            planFinished()
            planGradients()
        } else {
            planValues()
        }
    }

    /// Gives the values of a tape that only runs forward memory from slots that are free again after their last reader.
    private func planValues() {
        var lastUse: [ObjectIdentifier: Int] = [:]
        for (index, operation) in operations.enumerated() {
            for value in operation.inputs { lastUse[ObjectIdentifier(value)] = index }
        }
        var free: [Int] = []
        var sizes: [Int] = []
        var slotOf: [ObjectIdentifier: Int] = [:]
        for (index, operation) in operations.enumerated() {
            if let output = operation.output, !output.isOwner {
                let slot = Self.takeSlot(for: output.count, &free, &sizes)
                slotOf[ObjectIdentifier(output)] = slot
                if lastUse[ObjectIdentifier(output)] == nil { free.append(slot) }
            }
            var seen: Set<ObjectIdentifier> = []
            for value in operation.inputs
            where !value.isOwner && lastUse[ObjectIdentifier(value)] == index
                && seen.insert(ObjectIdentifier(value)).inserted
            {
                free.append(slotOf[ObjectIdentifier(value)]!)
            }
        }
        sharedCounts = sizes
        guard isAllocated else { return }
        slots = sizes.map { AlignedBuffer(count: $0) }
        for operation in operations {
            guard let output = operation.output, let slot = slotOf[ObjectIdentifier(output)] else { continue }
            output.borrow(slots[slot])
        }
    }

    /// The smallest free slot that is large enough, or else the largest, which grows, or else a new one.
    private static func takeSlot(for count: Int, _ free: inout [Int], _ sizes: inout [Int]) -> Int {
        let fitting = free.filter { sizes[$0] >= count }.min { sizes[$0] < sizes[$1] }
        guard let slot = fitting ?? free.max(by: { sizes[$0] < sizes[$1] }) else {
            sizes.append(count)
            return sizes.count - 1
        }
        free.removeAll { $0 == slot }
        sizes[slot] = max(sizes[slot], count)
        return slot
    }

    private func planFinished() {
        var first = Array(repeating: operations.count, count: parameters.parameters.count)
        for (index, operation) in operations.enumerated() {
            for parameter in operation.parameters {
                first[parameter.index] = min(first[parameter.index], index)
            }
        }
        finalFrom = operations.indices.map { index in
            // Gradients of parameters whose first use lies before this operation are still to come.
            let open = parameters.parameters.last { first[$0.index] < index }
            return open.map { $0.offset + $0.extent } ?? 0
        }
    }

    /// Gives gradients memory from slots that are free again once the producer's backward is done.
    private func planGradients() {
        var free: [Int] = []
        var sizes: [Int] = []
        var owners: [Int] = []
        var users: [ObjectIdentifier: Value] = [:]
        func take(_ value: Value) {
            guard value.needsGradient, value.gradientSlot == nil else { return }
            users[ObjectIdentifier(value)] = value
            let slot = Self.takeSlot(for: value.count, &free, &sizes)
            if slot == owners.count { owners.append(0) }
            owners[slot] = 1
            value.gradientSlot = slot
        }
        for operation in operations.reversed() {
            if let output = operation.output {
                take(output)
                if let passed = operation.passedInput, passed.needsGradient, passed.gradientSlot == nil,
                    let slot = output.gradientSlot
                {
                    passed.gradientSlot = slot
                    owners[slot] += 1
                    users[ObjectIdentifier(passed)] = passed
                }
            }
            for input in operation.inputs { take(input) }
            if let slot = operation.output?.gradientSlot {
                owners[slot] -= 1
                if owners[slot] == 0 { free.append(slot) }
            }
        }
        sharedCounts = sizes
        guard isAllocated else { return }
        slots = sizes.map { AlignedBuffer(count: $0) }
        for value in users.values {
            if let slot = value.gradientSlot { value.gradient = slots[slot].pointer }
        }
    }
}

/// Memory that all operations of a tape share, one call at a time.
public final class ScratchMemory {
    private var buffer = AlignedBuffer<Float>(count: 0)
    /// Floats that were asked for.
    private(set) var count = 0

    func reserve(_ wanted: Int, allocating: Bool) {
        count = max(count, wanted)
        if allocating, buffer.count < count { buffer = AlignedBuffer(count: count) }
    }

    /// The memory: at least as many floats as were asked for; none on a tape that is only planned.
    public var pointer: UnsafeMutablePointer<Float> { buffer.pointer }
}
