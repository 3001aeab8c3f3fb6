// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func photoFolderExample() throws {
    let photos = try PhotoFolder("photos", atLeast: 256)
    photos.count                                            // 620
    let photo = try photos.image(17)                        // decoded now; nothing is kept
}

private func vectorImagesExample() throws {
    let leaves = VectorImages(DeadLeaves(count: 24, width: 64, height: 64, seed: 1))
    let image = try leaves.image(3)
}
