// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Numerics

private func laneAccessExample(from: UnsafePointer<Float>, to: UnsafeMutablePointer<Float>) {
    func kernel<Access: LaneAccess>(_ column: Int, _ access: Access) {
        access.write(access.read(from + column) + access.read(to + column), to: to + column)
    }
    forEachRegister(of: 20) { kernel($0, $1) } part: { kernel($0, $1) }   // 8 + 8 + 4 columns
}
