import Foundation
import Training

/// Machines and their network, as the model takes them: assumptions, unlike what is measured.
struct ClusterNetwork: Codable {
    var name: String
    /// Seconds until the first byte of a message arrives.
    var latency: Double
    /// Bytes a second of a machine's port, in each direction.
    var bytesPerSecond: Double
    /// Seconds of a core for every message sent or received.
    var overhead: Double

    static let common = [
        ClusterNetwork(name: "InfiniBand 100 Gb/s", latency: 2e-6, bytesPerSecond: 12.5e9, overhead: 0.3e-6),
        ClusterNetwork(name: "Ethernet 25 Gb/s", latency: 20e-6, bytesPerSecond: 3.1e9, overhead: 3e-6),
        ClusterNetwork(name: "Ethernet 10 Gb/s", latency: 30e-6, bytesPerSecond: 1.25e9, overhead: 3e-6),
    ]
}

/// A step's time on any number of ranks, from what was measured on few.
///
/// ```text
/// let model = ScalingModel(workload: alone, memoryRate: 4e9, ranksPerMachine: 32)
/// model.step(ranks: 1024, on: network, addingInsideMachines: true).efficiency
/// ```
///
/// A step takes: the computing of the slowest of R ranks, c (1 + s sqrt(2 ln R)) with the relative deviation s of a rank's
/// steps (the expected maximum of R normal deviates); the update, which all ranks repeat; and what of the exchange
/// does not hide behind the computing. Its P chunks hide behind a share h of the computing; the last one cannot.
///
/// With V bytes, L ranks on a machine, M machines: straight, a rank exchanges 2 (R - 1) P messages and a port carries
/// 2 V L (1 - L / R) bytes; adding inside machines first, 2 (L - 1 + M - 1) P messages, 2 V (1 - 1 / M) bytes through the port
/// and 2 V (1 - 1 / L) bytes of each rank through memory.
struct ScalingModel {
    /// c, h, s, V and the update's seconds.
    let computing: Double
    let hideable: Double
    let deviation: Double
    let bytes: Double
    let update: Double
    /// Bytes a second that a rank exchanges with another of its machine, measured.
    let memoryRate: Double
    let ranksPerMachine: Int

    /// The chunks that a vector is exchanged in.
    private func chunks(ranks: Int, addingInsideMachines: Bool) -> Double {
        let least = OrderedReduction.leastChunk(ranks: ranks, addsInsideMachines: addingInsideMachines)
        return hideable > 0 ? max(1, (bytes / Double(least)).rounded(.down)) : 1
    }

    struct Step {
        var seconds: Double
        var efficiency: Double
        /// The same if all ranks computed equally long: what the exchange alone costs.
        var exchangeEfficiency: Double
        /// Seconds that are not the computing of one rank.
        var straggling: Double
        var exposed: Double
        /// Messages that a rank sends and receives.
        var messages: Double
        /// Ranks that a rank exchanges messages with.
        var partners: Int
    }

    func step(ranks: Int, on network: ClusterNetwork, addingInsideMachines: Bool) -> Step {
        let local = Double(min(ranks, ranksPerMachine))
        let machines = (Double(ranks) / local).rounded(.up)
        let chunks = chunks(ranks: ranks, addingInsideMachines: addingInsideMachines && machines > 1)
        let inside = 2 * bytes * (1 - 1 / local) / memoryRate
        let (messages, partners, exchange): (Double, Double, Double)
        if ranks == 1 {
            (messages, partners, exchange) = (0, 0, 0)
        } else if addingInsideMachines && machines > 1 {
            partners = local - 1 + machines - 1
            messages = 2 * partners * chunks
            exchange =
                inside + 2 * bytes * (1 - 1 / machines) / network.bytesPerSecond + 4 * chunks * network.latency
                + 2 * messages * network.overhead
        } else {
            partners = Double(ranks - 1)
            messages = 2 * partners * chunks
            let port = 2 * bytes * local * (1 - local / Double(ranks)) / network.bytesPerSecond
            exchange = inside + port + 2 * chunks * network.latency + 2 * messages * network.overhead
        }
        let straggling = ranks == 1 ? 0 : computing * deviation * (2 * log(Double(ranks))).squareRoot()
        let exposed = min(exchange, max(0, exchange - hideable * computing) + exchange / chunks)
        let whole = computing + straggling + update + exposed
        return Step(
            seconds: whole, efficiency: (computing + update) / whole,
            exchangeEfficiency: (computing + update) / (whole - straggling), straggling: straggling, exposed: exposed,
            messages: messages, partners: Int(partners))
    }
}
