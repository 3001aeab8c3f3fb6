// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func symmetricEigenExample(covariance: Matrix) throws {
    let (vectors, values) = try symmetricEigen(covariance)
    // row i of `vectors` is the eigenvector of values[i]; its largest entry in magnitude is positive
}
