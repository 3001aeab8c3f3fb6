import Numerics

/// A model recorded once for one size of micro-batch, then run forward and backward again and again without allocating.
///
///     let tape = Tape(parameters: parameters)
///     let x = tape.input(rows: 256, columns: 2)
///     let y = decoder(encoder(x, on: tape), on: tape)
///     meanSquaredError(x, y, term: tape.term("distortion"), on: tape)
///     tape.forward(); tape.backward(into: gradients) { _ in }
///
/// Layers append operations while the tape is recorded; the first `backward` plans the gradients' memory, which values
/// share when their gradients live at different times. A tape belongs to one thread; parameters may be shared.
public final class Tape {
    public let parameters: ParameterSet
    public private(set) var operations: [any Operation] = []
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
    private var keptSlots: [ScratchMemory] = []

    /// - Parameter isTraining: false for a tape that only runs forward: values and what operations keep share memory, so
    ///   that whole images fit; only pinned values are valid after `forward`.
    public init(parameters: ParameterSet, isTraining: Bool = true) {
        self.parameters = parameters
        self.isTraining = isTraining
        written = AlignedBuffer(count: parameters.parameters.count)
    }

    // MARK: Recording

    /// A value that the caller fills before `forward`.
    public func input(rows: Int, columns: Int) -> Value {
        Value(rows: rows, columns: columns, needsGradient: false, isOwner: true)
    }

    /// The value that an operation with these inputs and parameters computes.
    public func output(rows: Int, columns: Int, of inputs: [Value], parameters: [Parameter] = []) -> Value {
        Value(
            rows: rows, columns: columns, needsGradient: !parameters.isEmpty || inputs.contains(where: \.needsGradient),
            isOwner: isTraining)
    }

    /// Keeps a value's memory its own on a tape that only runs forward, so that it can be read afterwards.
    public func pin(_ value: Value) { value.own() }

    /// A scalar part of the objective.
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
            memory.reserve(count)
            return memory
        }
        while keptSlots.count <= slot { keptSlots.append(ScratchMemory()) }
        keptSlots[slot].reserve(count)
        return keptSlots[slot]
    }

    /// Memory that an operation uses within one call of `forward` or `backward`: all operations of the tape get the same.
    public func scratch(_ count: Int) -> ScratchMemory {
        scratchMemory.reserve(count)
        return scratchMemory
    }

    public func record(_ operation: any Operation) {
        precondition(!planned, "a tape that has run cannot grow")
        operations.append(operation)
    }

    // MARK: Running

    public func forward() {
        prepare()
        forward(operations.indices)
    }

    /// Ends the recording of a tape that only runs forward, for callers that run its operations part by part.
    public func prepare() {
        if !isTraining, !planned { planValues() }
    }

    /// Computes some of the operations again, after something that only they depend on has changed.
    public func forward(_ range: Range<Int>) {
        for place in range { operations[place].forward() }
    }

    /// Computes the gradient of the objective with respect to every parameter.
    /// - Parameters:
    ///   - gradients: `parameters.count` floats, overwritten.
    ///   - finished: called with an offset whenever all gradients from there on are final: they may be reduced while
    ///     the pass goes on. Called last with 0.
    public func backward(into gradients: UnsafeMutablePointer<Float>, finished: (Int) throws -> Void) rethrows {
        try backward(into: gradients, finished: finished, done: { _ in })
    }

    /// - Parameter done: called with the place of every operation when its backward has returned.
    private func backward(
        into gradients: UnsafeMutablePointer<Float>, finished: (Int) throws -> Void, done: (Int) -> Void
    ) rethrows {
        precondition(isTraining, "a tape that only runs forward has no backward")
        if !planned { plan() }
        written.zero()
        for operation in operations { operation.output?.hasGradient = false }
        let pass = BackwardPass(gradients: gradients, written: written.pointer)
        var clean = parameters.count
        for index in operations.indices.reversed() {
            let operation = operations[index]
            // Where nothing downstream depends on the output, there is no gradient to pass on.
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

    /// Runs forward and backward once and says for every operation what its two parts took: where the time goes.
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
        backward(into: gradients, finished: { _ in }) { place in
            report("\(type(of: operations[place]))", forwards[place], lap())
        }
    }

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

    private func plan() {
        planned = true
        planFinished()
        planGradients()
    }

    /// Gives the values of a tape that only runs forward memory from slots that are free again after their last reader.
    private func planValues() {
        planned = true
        var lastUse: [ObjectIdentifier: Int] = [:]
        for (place, operation) in operations.enumerated() {
            for value in operation.inputs { lastUse[ObjectIdentifier(value)] = place }
        }
        var free: [AlignedBuffer<Float>] = []
        for (place, operation) in operations.enumerated() {
            if let output = operation.output, !output.isOwner {
                let fitting = free.indices.filter { free[$0].count >= output.count }.min {
                    free[$0].count < free[$1].count
                }
                output.borrow(fitting.map { free.remove(at: $0) } ?? AlignedBuffer(count: output.count))
                if lastUse[ObjectIdentifier(output)] == nil { free.append(output.storage!) }
            }
            var seen: Set<ObjectIdentifier> = []
            for value in operation.inputs
            where !value.isOwner && lastUse[ObjectIdentifier(value)] == place
                && seen.insert(ObjectIdentifier(value)).inserted
            {
                free.append(value.storage!)
            }
        }
    }

    private func planFinished() {
        var first = Array(repeating: operations.count, count: parameters.parameters.count)
        for (place, operation) in operations.enumerated() {
            for parameter in operation.parameters {
                first[parameter.index] = min(first[parameter.index], place)
            }
        }
        finalFrom = operations.indices.map { place in
            // Gradients of parameters whose first use lies before this operation are still to come.
            let open = parameters.parameters.last { first[$0.index] < place }
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
            guard value.needsGradient, value.gradientSlot < 0 else { return }
            users[ObjectIdentifier(value)] = value
            // The smallest slot that is large enough, or else the largest, which grows.
            let fitting = free.filter { sizes[$0] >= value.count }.min { sizes[$0] < sizes[$1] }
            if let slot = fitting ?? free.max(by: { sizes[$0] < sizes[$1] }) {
                free.removeAll { $0 == slot }
                sizes[slot] = max(sizes[slot], value.count)
                owners[slot] = 1
                value.gradientSlot = slot
            } else {
                value.gradientSlot = sizes.count
                sizes.append(value.count)
                owners.append(1)
            }
        }
        for operation in operations.reversed() {
            if let output = operation.output {
                take(output)
                if let passed = operation.passedInput, passed.needsGradient, passed.gradientSlot < 0,
                    output.gradientSlot >= 0
                {
                    passed.gradientSlot = output.gradientSlot
                    owners[output.gradientSlot] += 1
                    users[ObjectIdentifier(passed)] = passed
                }
            }
            for input in operation.inputs { take(input) }
            if let output = operation.output, output.gradientSlot >= 0 {
                owners[output.gradientSlot] -= 1
                if owners[output.gradientSlot] == 0 { free.append(output.gradientSlot) }
            }
        }
        slots = sizes.map { AlignedBuffer(count: $0) }
        for value in users.values { value.gradient = slots[value.gradientSlot].pointer }
    }
}

/// Memory that all operations of a tape share, one call at a time.
public final class ScratchMemory {
    private var buffer = AlignedBuffer<Float>(count: 0)

    func reserve(_ count: Int) {
        if buffer.count < count { buffer = AlignedBuffer(count: count) }
    }

    public var pointer: UnsafeMutablePointer<Float> { buffer.pointer }
}
