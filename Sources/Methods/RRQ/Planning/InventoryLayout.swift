import MethodKit
import Training

extension RankLayout {
    /// The bytes of vectors of the rank that needs most; nil if they overflow.
    func bytes(of inventory: VectorInventory) -> VectorInventory.Bytes? {
        var most: VectorInventory.Bytes?
        for range in owned {
            guard let bytes = inventory.bytes(owned: range, shards: shards) else { return nil }
            if bytes.needed > most?.needed ?? -1 { most = bytes }
        }
        return most
    }
}
