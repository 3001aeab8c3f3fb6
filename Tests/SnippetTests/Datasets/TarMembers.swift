// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Datasets

private func tarMembersExample(file: TarFile) throws {
    let members = try TarMembers(of: file)
    members.name(3)                               // "000017.jpg"
    let bytes = try file.read(members.ranges[3].lowerBound, count: members.ranges[3].count)
}
