// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func runMarkerExample() throws {
    guard var marker = try RunMarker(folder: "runs/faces") else { return }      // not a run's folder
    let isNew = marker.register("codebooks/layer-0001.safetensors")             // then write the marker
    let isOurs = marker.lists("codebooks/layer-0002.safetensors")               // true: numbers do not count
}
