/// What configs of several methods must satisfy.
extension Config {
    /// - Throws: `ConfigError` for more ranks than shards: some would have nothing to do.
    public func requireShards(forRanks ranks: Int) throws {
        let shards = self[Keys.general.shards]
        guard ranks > shards else { return }
        throw fault(
            Keys.general.shards,
            "\(ranks) ranks cannot share \(Self.count(shards, "shard")): some would have nothing to do",
            remedy:
                "start at most \(Self.count(shards, "rank")), or raise it to \(ranks) or more (it is part of the result)"
        )
    }

    /// - Parameter items: what a batch consists of, such as "samples".
    /// - Throws: `ConfigError` if a gradient step has fewer micro-batches than there are ranks.
    public func requireMicroBatches(
        forRanks ranks: Int, batch batchKey: Key<Int>, microBatch microBatchKey: Key<Int>, items: String
    ) throws {
        let (batch, micro) = (self[batchKey], self[microBatchKey])
        guard ranks > batch / micro else { return }
        let smaller = (1...max(1, batch / ranks)).last { batch % $0 == 0 }!
        let advice = batch >= ranks ? "set it to \(smaller), or " : ""
        throw fault(
            microBatchKey,
            "\(ranks) ranks cannot share \(Self.count(batch / micro, "micro-batch", "micro-batches")) of a gradient step "
                + "(\(micro) of the \(batch) \(items) of \(batchKey)): some would have nothing to do",
            remedy: "start at most \(Self.count(batch / micro, "rank")), or \(advice)raise \(batchKey) to "
                + "\(ranks * micro) (both are part of the result)")
    }

    /// - Throws: `ConfigError` if micro-batches do not divide the batch.
    public func requireWholeMicroBatches(batch batchKey: Key<Int>, microBatch microBatchKey: Key<Int>) throws {
        let (batch, micro) = (self[batchKey], self[microBatchKey])
        guard batch % micro != 0 else { return }
        let divisor = (1...min(batch, micro)).last { batch % $0 == 0 }!
        throw fault(
            microBatchKey, "\(micro) does not divide \(batchKey), \(batch)",
            remedy: "use \(divisor), or a batch of \((batch / micro + 1) * micro)")
    }

    /// - Throws: `ConfigError` for a list that is empty, or has an element twice.
    public func requireDistinct<Element: Hashable>(_ key: Key<[Element]>, name: (Element) -> String, remedy: String)
        throws
    {
        let list = self[key]
        guard !list.isEmpty else { throw fault(key, "the list is empty", remedy: remedy) }
        var seen: Set<Element> = []
        for element in list where !seen.insert(element).inserted {
            throw fault(key, "\(name(element)) is in the list twice", remedy: "remove one of the two")
        }
    }

    /// The same of elements that are their own names.
    public func requireDistinct<Element: Hashable & CustomStringConvertible>(_ key: Key<[Element]>, remedy: String)
        throws
    {
        try requireDistinct(key, name: \.description, remedy: remedy)
    }

    /// A number with its noun: "1 shard", "2 shards".
    public static func count(_ number: Int, _ one: String, _ several: String? = nil) -> String {
        "\(number) \(number == 1 ? one : several ?? one + "s")"
    }
}
