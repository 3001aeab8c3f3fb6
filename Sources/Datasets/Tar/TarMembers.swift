import Foundation

/// The bytes of every image in a tar file, found by walking over its headers.
///
///     let members = try TarMembers(of: file)
///     members.name(3)                               // "000017.jpg"
///     let bytes = try file.read(members.ranges[3].lowerBound, count: members.ranges[3].count)
///
/// Read are headers of V7, POSIX (ustar, pax), GNU and star, with GNU's long names and pax records of paths and sizes.
/// Members that are not images by their names are passed over (a WebDataset sample's captions and classes), and so are
/// hidden files and folders. An image in a form that is not read, such as a link or a sparse file, is an error that
/// names it.
struct TarMembers {
    /// The bytes of every image.
    private(set) var ranges: [Range<Int>] = []
    /// All names in one piece: an index of millions should take little more than its names.
    private var names: [UInt8] = []
    private var ends: [Int] = []

    /// No name or list of records is longer.
    private static let longest = 1 << 20

    /// What separate headers state about the member behind them.
    private struct Announcement {
        /// GNU's long name.
        var longName: [UInt8]?
        var hasLongLink = false
        /// Records of pax.
        var records: TarExtension?

        var isEmpty: Bool { longName == nil && !hasLongLink && records == nil }
    }

    var count: Int { ranges.count }

    /// The image's path in the tar file.
    func name(_ index: Int) -> String { FileName.text(names[nameRange(index)]) }

    private func nameRange(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

    /// - Throws: `LloydError` for a file that is not a tar file, is damaged or cut short, or holds images in a form that
    ///   is not read.
    init(of file: TarFile) throws {
        var walk = TarWalk(file)
        var announced = Announcement()
        while let header = try walk.next() {
            switch header.kind {
            case .longName:
                announced.longName = Array(try walk.payload(header, most: Self.longest).prefix { $0 != 0 })
            case .longLink:
                _ = try walk.payload(header, most: Self.longest)
                announced.hasLongLink = true
            case .records:
                var records = announced.records ?? TarExtension()
                guard records.add(try walk.payload(header, most: Self.longest)) else {
                    throw walk.fault("has a damaged pax header")
                }
                announced.records = records
            case .globalRecords:
                var records = TarExtension()
                guard records.add(try walk.payload(header, most: Self.longest)) else {
                    throw walk.fault("has a damaged global pax header")
                }
                guard records.isEmpty else {
                    throw walk.fault("has a global pax header that states a path or a size for all members")
                }
            default:
                try add(header, announced, &walk)
                announced = Announcement()
            }
        }
        guard announced.isEmpty else { throw walk.fault("ends behind a header that belongs to a member") }
        try refuseDuplicates(walk)
    }

    private mutating func add(_ header: TarHeader, _ announced: Announcement, _ walk: inout TarWalk) throws {
        let records = announced.records
        let path = records?.sparseName ?? records?.path ?? announced.longName ?? header.name
        walk.member = path
        let parts = path.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual([UInt8(ascii: ".")]) }
        guard path.first != UInt8(ascii: "/"), !parts.contains(where: { $0.elementsEqual([0x2E, 0x2E]) }) else {
            throw walk.fault("has a name that leads outside of the tar file")
        }
        if header.kind == .sparse || records?.isSparse == true {
            throw walk.fault("is a sparse file, which is not read", remedy: "make the tar file without --sparse")
        }
        if header.kind == .continued {
            throw walk.fault("is continued from another volume", remedy: "make a tar file in one piece")
        }
        if header.kind == .mangledNames {
            throw walk.fault("is an old list of long names, which is not read", remedy: "make the tar file again")
        }
        let start = walk.offset
        let size = header.kind.hasBytes ? records?.size ?? header.size : 0
        try walk.skip(size)
        // V7 has no type for folders: their names end in a slash.
        let isOldFolder = header.kind == .regular && path.last == UInt8(ascii: "/")
        guard !isOldFolder || size == 0 else { throw walk.fault("is a folder by its name, but has \(size) bytes") }
        guard header.kind != .folder, !isOldFolder else { return }
        guard let last = parts.last else { throw walk.fault("has no name") }
        guard !parts.contains(where: { $0.first == UInt8(ascii: ".") }), ImageFolder.isImage(FileName.text(last)) else {
            return
        }
        guard header.kind == .regular else {
            let isLink = header.kind == .hardLink || header.kind == .symbolicLink
            throw walk.fault(
                "is \(header.kind.description), not an image",
                remedy: isLink
                    ? "make the tar file with --dereference --hard-dereference" : "make a tar file of regular files")
        }
        ranges.append(start..<start + size)
        names += Array(parts.joined(separator: [UInt8(ascii: "/")]))
        ends.append(names.count)
    }

    /// Unpacking keeps only the last of several members of one name; which one is meant is not for a reader to guess.
    private func refuseDuplicates(_ walk: TarWalk) throws {
        func hash(_ index: Int) -> Int { names[nameRange(index)].hashValue }
        // Eight bytes a member, and only for as long as this takes.
        let sorted = ranges.indices.map(hash).sorted()
        let repeated = Set(zip(sorted, sorted.dropFirst()).filter { $0 == $1 }.map(\.0))
        guard !repeated.isEmpty else { return }
        var first: [[UInt8]: Int] = [:]
        for index in ranges.indices where repeated.contains(hash(index)) {
            let name = Array(names[nameRange(index)])
            if let earlier = first.updateValue(index, forKey: name) {
                throw LloydError(
                    path: walk.file.path + "/" + FileName.text(name),
                    problem: "is in the tar file twice (at bytes \(ranges[earlier].lowerBound) and "
                        + "\(ranges[index].lowerBound))",
                    remedy: "unpack the tar file, which keeps the last one, and make it again")
            }
        }
    }
}
