// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Foundation

private func fingerprintExample(bytes: Data) {
    var hash = Fingerprint()
    hash.add("codebook")
    hash.add(bytes)
    String(hash.value, radix: 16)
}
