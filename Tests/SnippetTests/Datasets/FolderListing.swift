// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func folderListingExample() throws {
    for entry in try FolderListing.entries(of: "photos") { print(FileName.printable(entry.name)) }
}
