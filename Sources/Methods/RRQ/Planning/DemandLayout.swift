import MethodKit
import Training

extension RankLayout {
    /// The bytes of vectors of the rank that needs most; nil where they overflow.
    func bytes(of demand: VectorDemand) -> VectorDemand.Bytes? {
        var most: VectorDemand.Bytes?
        for range in owned {
            guard let bytes = demand.bytes(owned: range, shards: shards) else { return nil }
            if bytes.needed > most?.needed ?? -1 { most = bytes }
        }
        return most
    }
}
