import Datasets
import Testing

@testable import RRQ

@Suite struct SubbandsTests {
    private func checkBands(_ subbands: Subbands, count: Int, size: Int) {
        #expect(subbands.order.sorted() == (0..<Int32(count)).map { $0 }, "a permutation")
        #expect(subbands.bands.flatMap { Array($0) } == Array(0..<count), "the bands cover all places in order")
        #expect(subbands.bands.allSatisfy { !$0.isEmpty && $0.count <= size })
    }

    @Test(arguments: [(8, 8, 1, 5), (168, 192, 1, 512), (7, 12, 3, 16), (1, 1, 1, 4), (20, 3, 1, 1000)])
    func oneSequence(width: Int, height: Int, channels: Int, size: Int) {
        let shape = ImageShape(width: width, height: height, channels: channels)
        let subbands = Subbands(shape: shape, bandSize: size, lowFrequencyFactor: nil)
        checkBands(subbands, count: shape.count, size: size)
        #expect(subbands.lowFrequencies == 0)
        #expect(subbands.order[0] == 0, "the mean comes first")
        #expect(subbands.bands.dropLast().allSatisfy { $0.count == size })
        // Anti-diagonals: u / width + v / height never falls.
        let diagonals = subbands.order.map { place in
            let inPlane = Int(place) % (width * height)
            return (inPlane % width) * height + inPlane / width * width
        }
        #expect(zip(diagonals, diagonals.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test(arguments: [(16, 16, 1, 4), (168, 192, 1, 8), (30, 18, 3, 4), (9, 9, 1, 2)])
    func lowFrequenciesComeFirst(width: Int, height: Int, channels: Int, factor: Int) {
        let shape = ImageShape(width: width, height: height, channels: channels)
        let subbands = Subbands(shape: shape, bandSize: 10, lowFrequencyFactor: factor)
        checkBands(subbands, count: shape.count, size: 10)
        let low = subbands.lowFrequencies
        #expect(low == (width / factor) * (height / factor) * channels)
        for (number, place) in subbands.order.enumerated() {
            let inPlane = Int(place) % (width * height)
            let isLow = inPlane % width < width / factor && inPlane / width < height / factor
            #expect(isLow == (number < low))
        }
        #expect(subbands.bands.allSatisfy { $0.upperBound <= low || $0.lowerBound >= low }, "no band mixes the two")
    }

    @Test func vectorsKeepTheirOrder() {
        let subbands = Subbands(dimension: 23, bandSize: 10)
        checkBands(subbands, count: 23, size: 10)
        #expect(subbands.order == (0..<23).map { $0 })
        #expect(subbands.bands == [0..<10, 10..<20, 20..<23])
    }
}
