import Datasets
import Foundation
import Numerics
import Testing

struct VarianceDecayingGaussianTests {
    @Test func variancesAreExponential() throws {
        let source = VarianceDecayingGaussian(count: 20_000, dimension: 50, decay: 0.05, seed: 3)
        let matrix = try source.readShard(0..<20_000)
        for component in [0, 1, 10, 49] {
            var (sum, square) = (0.0, 0.0)
            for row in 0..<matrix.rows {
                sum += Double(matrix[row, component])
                square += Double(matrix[row, component]) * Double(matrix[row, component])
            }
            let expected = exp(-0.05 * Double(component + 1))
            // Five standard errors of a variance of 20,000 Gaussians are 5 %.
            #expect(abs(square / 20_000 / expected - 1) < 0.05)
            #expect(abs(sum / 20_000) < 5 * (expected / 20_000).squareRoot())
            #expect(abs(source.variances[component] - expected) < 1e-12)
        }
    }

    @Test func itemsDependOnNothingButTheirNumber() throws {
        let source = VarianceDecayingGaussian(count: 100, dimension: 33, seed: 3)
        let larger = VarianceDecayingGaussian(count: 1000, dimension: 33, seed: 3)
        #expect(try vector(source, 42) == vector(larger, 42))
        let shard = try source.readShard(40..<50)
        let direct = try vector(source, 42)
        for component in 0..<33 { #expect(shard[2, component] == direct[component]) }
        let test = VarianceDecayingGaussian(count: 100, dimension: 33, seed: 3, purpose: .syntheticTest)
        let other = VarianceDecayingGaussian(count: 100, dimension: 33, seed: 4)
        #expect(try vector(test, 42) != vector(source, 42) && vector(other, 42) != vector(source, 42))
    }
}

struct DeadLeavesTests {
    @Test func deterministicByItem() throws {
        let few = DeadLeaves(count: 3, width: 32, height: 24, channels: 3, seed: 5)
        let many = DeadLeaves(count: 1000, width: 32, height: 24, channels: 3, seed: 5)
        #expect(few.dimension == 32 * 24 * 3 && few.imageShape == ImageShape(width: 32, height: 24, channels: 3))
        #expect(try vector(few, 2) == vector(many, 2))
        #expect(try vector(few, 2) != vector(few, 1))
        #expect(try vector(few, 2) != vector(DeadLeaves(count: 3, width: 32, height: 24, channels: 3, seed: 6), 2))
    }

    @Test func tonesAreSpreadEvenly() throws {
        let source = DeadLeaves(count: 50, width: 64, height: 64, seed: 1)
        let samples = try (0..<50).flatMap { try vector(source, $0) }
        #expect(samples.allSatisfy { $0 >= 0 && $0 <= 1 })
        let mean = samples.reduce(0.0) { $0 + Double($1) } / Double(samples.count)
        let variance = samples.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(samples.count)
        #expect(abs(mean - 0.5) < 0.05)
        // Tones are uniform on 0.84: variance 0.0588, to which shading and smoothing do little.
        #expect(abs(variance - 0.0588) < 0.015)
    }

    /// The spectra of photographs and of dead leaves fall about as 1 / f^2: doubling the distance between two pixels
    /// adds about as much to their mean squared difference as the distance before.
    @Test func neighborsAreAlikeAndDistantPixelsAreNot() throws {
        let source = DeadLeaves(count: 200, width: 64, height: 64, seed: 2)
        let matrix = try source.readShard(0..<200)
        func difference(_ distance: Int) -> Double {
            var sum = 0.0
            for image in 0..<200 {
                for line in 0..<64 {
                    for column in 0..<64 - distance {
                        let here = matrix[image, line * 64 + column]
                        let change = Double(matrix[image, line * 64 + column + distance] - here)
                        sum += change * change
                    }
                }
            }
            return sum / Double(200 * 64 * (64 - distance))
        }
        let differences = [1, 2, 4, 8, 16, 32].map(difference)
        for (near, far) in zip(differences, differences.dropFirst()) { #expect(near < far) }
        #expect(differences[0] < 0.25 * differences[5])
    }

    @Test func unusualShapes() throws {
        for (width, height) in [(1, 1), (1, 40), (7, 3)] {
            let source = DeadLeaves(count: 2, width: width, height: height, seed: 1)
            #expect(try vector(source, 1).allSatisfy { $0 >= 0 && $0 <= 1 })
        }
        let large = DeadLeaves(count: 1, width: 40, height: 40, seed: 1, radii: 20...80)
        #expect(try vector(large, 0).allSatisfy { $0 >= 0 && $0 <= 1 })
    }
}
