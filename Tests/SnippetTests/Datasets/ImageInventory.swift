// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func imageInventoryExample() throws {
    let inventory = try ImageInventory("photos.tar")
    for index in 0..<inventory.count {
        if let reason = try inventory.examine(index).damage { print(inventory.name(index), reason) }
    }
}
