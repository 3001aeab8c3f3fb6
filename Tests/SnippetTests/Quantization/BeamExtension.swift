// Lines stand as in the doc comments.
// swift-format-ignore-file
import Quantization

private func beamExtensionExample(
    codebook: SparseCodebook, residuals: UnsafePointer<Float>, n: Int, energies: UnsafePointer<Float>,
    chosen: UnsafeMutablePointer<BeamExtension.Choice>
) {
    let layer = BeamExtension(codebook, beam: 8)
    let workspace = BeamExtension.Workspace()
    let kept = layer.extend(residuals, vectors: n, beams: 1, energies: energies, into: chosen, workspace: workspace)
    // chosen[8 * i..<8 * i + kept]: for vector i the parents, codewords and squared errors, best first
}
