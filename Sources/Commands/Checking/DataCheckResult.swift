import Datasets
import Foundation
import MethodKit

/// What `lloyd check` has found, for people and as JSON.
struct DataCheckResult: Encodable {
    struct Damaged: Encodable {
        var name: String
        var reason: String
    }

    struct Kind: Encodable {
        var kind: String
        var count: Int
    }

    struct SizeCount: Encodable {
        var width: Int
        var height: Int
        var count: Int
    }

    var path: String
    /// Items that were read, rows of vectors each for itself.
    var items: Int
    var bytes: Int
    var kinds: [Kind]
    /// Of images, the commonest first.
    var sizes: [SizeCount]
    /// Images whose EXIF data say that they do not stand upright.
    var turned: Int
    var damaged: [Damaged]
    /// Names of images whose files have the same bytes.
    var duplicates: [[String]]

    init(path: String, names: [String], found: [DataCheck.Found], alreadyDamaged: [Damaged]) {
        self.path = FileName.printable(path)
        items = found.reduce(0) { $0 + $1.count } + alreadyDamaged.count
        bytes = found.reduce(0) { $0 + $1.bytes }
        turned = found.count { $0.isTurned }
        var kinds: [String: Int] = [:]
        var sizes: [DataCheck.Size: Int] = [:]
        var same: [UInt64: [String]] = [:]
        damaged = alreadyDamaged.map { .init(name: FileName.printable($0.name), reason: $0.reason) }
        for (name, item) in zip(names, found) {
            let name = FileName.printable(name)
            if let reason = item.damage {
                damaged.append(.init(name: name, reason: FileName.printable(reason)))
                continue
            }
            kinds[item.kind, default: 0] += item.count
            if let size = item.size { sizes[size, default: 0] += 1 }
            if let fingerprint = item.fingerprint { same[fingerprint, default: []].append(name) }
        }
        self.kinds = kinds.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            .init(kind: $0.key, count: $0.value)
        }
        self.sizes = sizes.sorted {
            ($1.value, $0.key.width, $0.key.height) < ($0.value, $1.key.width, $1.key.height)
        }.map { .init(width: $0.key.width, height: $0.key.height, count: $0.value) }
        duplicates = same.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
    }

    /// A summary, then what is damaged, one a line.
    var text: String {
        var table = TextTable()
        table.rows = [
            ["read", "\(items) items, \(ByteText.text(bytes))"],
            [
                "kinds",
                kinds.isEmpty ? "none that is whole" : kinds.map { "\($0.count) \($0.kind)" }.joined(separator: "; "),
            ],
        ]
        if let first = sizes.first {
            let (widths, heights) = (sizes.map(\.width), sizes.map(\.height))
            table.rows.append([
                "sizes",
                sizes.count == 1
                    ? "all \(first.width)x\(first.height)"
                    : "\(sizes.count) of them, widths \(widths.min()!) to \(widths.max()!), heights \(heights.min()!) to "
                        + "\(heights.max()!); most often \(first.width)x\(first.height) (\(first.count))",
            ])
        }
        if turned > 0 { table.rows.append(["turned", "\(turned) are turned upright, as their EXIF data say"]) }
        if !duplicates.isEmpty {
            let some = duplicates.prefix(3).map { $0.prefix(3).joined(separator: " = ") }.joined(separator: "; ")
            table.rows.append(["duplicates", "\(duplicates.count) groups of the same bytes: \(some)"])
        }
        table.rows.append(["damaged", damaged.isEmpty ? "none" : "\(damaged.count)"])
        return table.text + damaged.map { "  \($0.name): \($0.reason)\n" }.joined()
    }
}
