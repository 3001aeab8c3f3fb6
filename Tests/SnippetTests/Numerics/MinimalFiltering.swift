// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Numerics

private func minimalFilteringExample(d: [Lanes], g: [Lanes]) {
    let v = MinimalFiltering.input(d[0], d[1], d[2], d[3], d[4], d[5])      // B^T d
    let u = MinimalFiltering.weights(g[0], g[1], g[2])                      // G g
    let y = MinimalFiltering.output(v.0 * u.0, v.1 * u.1, v.2 * u.2, v.3 * u.3, v.4 * u.4, v.5 * u.5)
    // y.0 = d[0] g[0] + d[1] g[1] + d[2] g[2], ...
    // nested over rows and columns: 36 products for 4 x 4 outputs of a 3 x 3 filter instead of 144
}
