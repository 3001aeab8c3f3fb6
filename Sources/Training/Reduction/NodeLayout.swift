import Datasets
import Messaging

/// How the ranks lie on machines.
///
///     let layout = try NodeLayout.detect(world)
///     let ranks = layout?.ranksPerNode                        // 32
package struct NodeLayout: Sendable, Equatable {
    /// Machines.
    package let nodes: Int
    /// Ranks on each machine.
    package let ranksPerNode: Int

    /// A known layout.
    /// - Precondition: every machine has as many ranks, numbered one after the other.
    package init(nodes: Int, ranksPerNode: Int) {
        precondition(nodes >= 1 && ranksPerNode >= 1)
        self.nodes = nodes
        self.ranksPerNode = ranksPerNode
    }

    /// Finds out by the hosts' names; every rank must call it.
    /// - Returns: nil if there is one machine, or a rank on each, or if ranks do not lie evenly and in order.
    /// - Throws: `MessagingError`.
    package static func detect(_ communicator: any Communicator) throws -> NodeLayout? {
        var hash = Fingerprint()
        hash.add(communicator.hostName)
        let hosts = try communicator.allGather(value: Int64(bitPattern: hash.value))
        let perNode = hosts.prefix { $0 == hosts[0] }.count
        guard perNode > 1, perNode < hosts.count, hosts.count % perNode == 0 else { return nil }
        let nodes = hosts.count / perNode
        let firsts = (0..<nodes).map { hosts[$0 * perNode] }
        guard Set(firsts).count == nodes, hosts.indices.allSatisfy({ hosts[$0] == firsts[$0 / perNode] }) else {
            return nil
        }
        return NodeLayout(nodes: nodes, ranksPerNode: perNode)
    }
}
