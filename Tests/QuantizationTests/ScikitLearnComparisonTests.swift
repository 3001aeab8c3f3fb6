import Foundation
import Numerics
import TestSupport
import Testing

@testable import Quantization

/// The same K-means iterations by another implementation, if it is installed.
@Suite struct ScikitLearnComparisonTests {
    private static let script = PythonScript(
        modules: ["sklearn.cluster"],
        """
        folder, dimension, codewords, iterations = sys.argv[1], *map(int, sys.argv[2:])
        vectors = numpy.fromfile(f"{folder}/vectors.f32", "<f4").reshape(-1, dimension)
        start = numpy.fromfile(f"{folder}/codebook.f32", "<f4").reshape(codewords, dimension)
        kmeans = sklearn.cluster.KMeans(
            codewords, init=start, n_init=1, algorithm="lloyd", tol=0, max_iter=iterations).fit(vectors)
        kmeans.cluster_centers_.astype("<f4").tofile(f"{folder}/centroids.f32")
        """)

    @Test(
        .enabled(
            if: PythonScript.has("sklearn.cluster"), "needs scikit-learn: python3 -m pip install numpy scikit-learn"),
        arguments: [(2000, 8, 20, 1), (2000, 8, 20, 10), (1500, 100, 12, 10), (3000, 2, 30, 25)])
    func kMeansIterationsGiveTheSameCentroids(count: Int, dimension: Int, codewords: Int, iterations: Int) throws {
        let folder = try ScratchFolder()
        let vectors = Matrix(rows: count, columns: dimension)
        let random = CounterRandom(seed: 21, purpose: .test)
        for i in 0..<count { random.normals(item: i, into: vectors.row(i)) }
        let codebook = Matrix(rows: codewords, columns: dimension)
        codebook.pointer.update(from: vectors.pointer, count: codebook.count)
        for (name, matrix) in [("vectors", vectors), ("codebook", codebook)] {
            try folder.write(Data(bytes: matrix.pointer, count: 4 * matrix.count), to: "\(name).f32")
        }
        try Self.script.run([folder.path, "\(dimension)", "\(codewords)", "\(iterations)"])
        let theirs = try folder.bytes(of: "centroids.f32").withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        try #require(theirs.count == codebook.count)

        let fitted = try KMeans(codewords: codewords, iterations: iterations, initialization: .given(codebook)).fit(
            vectors)
        try #require(fitted.counts.allSatisfy { $0 > 0 }, "the data of this test leave no codeword empty")
        var largest: Float = 0
        for i in 0..<codebook.count { largest = max(largest, abs(fitted.codebook.storage[i] - theirs[i])) }
        #expect(largest < 1e-4)
    }
}
