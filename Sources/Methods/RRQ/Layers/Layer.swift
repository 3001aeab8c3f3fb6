import Numerics
import Quantization

/// One layer as the encoder uses it: its codebook, and searches prepared for it.
///
/// A search by guiding dimensions compares only the active dimensions in that range; a layer none of whose active
/// dimensions guide leaves the residual of such a set as it is.
final class Layer {
    let codebook: SparseCodebook
    private let whole: Search
    private var guided: [Range<Int>: Search?] = [:]

    /// A search over some of the active dimensions, with each thread's memory.
    private struct Search {
        let columns: Range<Int>
        let search: NearestCodeword
        let workspaces: [NearestCodeword.Workspace]

        init(_ values: Matrix, columns: Range<Int>, threads: Int) {
            self.columns = columns
            let search = NearestCodeword(codewords: values.rows, dimension: columns.count)
            search.prepare(values.pointer + columns.lowerBound, stride: values.columns)
            self.search = search
            workspaces = (0..<threads).map { _ in search.makeWorkspace() }
        }
    }

    /// - Parameter guides: every range that sets of this run choose codewords by.
    init(codebook: SparseCodebook, guides: [Range<Int>], threads: Int) {
        self.codebook = codebook
        whole = Search(codebook.values, columns: 0..<codebook.active.count, threads: threads)
        for range in guides where guided[range] == nil {
            let first = codebook.active.firstIndex { Int($0) >= range.lowerBound } ?? codebook.active.count
            let last = codebook.active.firstIndex { Int($0) >= range.upperBound } ?? codebook.active.count
            let search = first < last ? Search(codebook.values, columns: first..<last, threads: threads) : nil
            guided.updateValue(search, forKey: range)
        }
    }

    /// The search by these dimensions; nil if none of them is active.
    private func search(_ guides: Range<Int>?) -> Search? {
        guard let guides else { return whole }
        guard let search = guided[guides] else { preconditionFailure("no search was prepared for \(guides)") }
        return search
    }

    /// The codeword of each compact vector (`count` rows of the active dimensions); -1 if no dimension guides.
    func choose(
        _ compact: UnsafePointer<Float>, count: Int, guides: Range<Int>?, indices: UnsafeMutablePointer<Int32>,
        worker: Int
    ) {
        guard let search = search(guides) else {
            indices.update(repeating: -1, count: count)
            return
        }
        search.search.assign(
            compact + search.columns.lowerBound, count: count, stride: codebook.active.count, indices: indices,
            squaredDistances: nil, workspace: search.workspaces[worker])
    }
}
