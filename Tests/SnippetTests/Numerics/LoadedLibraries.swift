// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func loadedLibrariesExample() {
    let libraries = LoadedLibraries()
    libraries.paths(containing: ["lapack", "blas", "mkl", "blis"])      // real paths, links followed
    // ["/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblasp-r0.3.21.so", ...]
}

private func lapackLibraryExample() {
    LAPACKLibrary.problem                                   // nil if eigenproblems can be solved
}
