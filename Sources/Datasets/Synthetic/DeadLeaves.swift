import Foundation
import Numerics

/// Images of overlapping discs: the simplest random images with the edges, occlusions and scale invariance of
/// photographs.
///
///     let images = DeadLeaves(count: 400, width: 64, height: 64, channels: 1, seed: 1)
///     try images.read(0, into: row)                 // the same picture on every rank
///     let picture = images.imageShape.map { Image(row, shape: $0) }
///
/// Discs fall in front of one another with radii of density r^-3 between `radii`' bounds, uniform centers and random
/// tones; each is shaded linearly across itself and carries a faint grating, and edges are smoothed by rendering at
/// twice the size. Images share statistics but no layout (unlike faces, they have no common structure to learn).
///
/// Source: Lee, Mumford, Huang, "Occlusion models for natural images", 2001.
public struct DeadLeaves: VectorSource {
    public let count: Int
    public let name: String
    /// Bounds of the discs' radii, in pixels.
    public let radii: ClosedRange<Double>
    private let shape: ImageShape
    private let random: CounterRandom

    /// - Parameters:
    ///   - count: images of the source.
    ///   - width: pixels in a row of an image.
    ///   - height: rows of an image.
    ///   - channels: 1 (gray) or 3 (RGB).
    ///   - seed: the seed of the random numbers.
    ///   - radii: bounds of the discs' radii in pixels, the lower at least 0.5, the upper at most twice the longer side or
    ///     8; nil for 2 (smaller discs look like noise) up to half of the shorter side.
    public init(
        count: Int, width: Int, height: Int, channels: Int = 1, seed: UInt64, radii: ClosedRange<Double>? = nil
    ) {
        precondition(count >= 0)
        self.count = count
        shape = ImageShape(width: width, height: height, channels: channels)
        self.radii = radii ?? 2...max(4, Double(min(width, height)) / 2)
        precondition(
            self.radii.lowerBound >= 0.5 && self.radii.upperBound <= max(8, 2 * Double(max(width, height))),
            "radii \(self.radii)")
        // Part of records, whose bytes stay as they are: hence not the shape's own words.
        name = "dead leaves of \(width)x\(height) \(channels == 1 ? "grey" : "RGB"), seed \(seed)"
        random = CounterRandom(seed: seed, purpose: .deadLeaves)
    }

    public var dimension: Int { shape.count }
    public var imageShape: ImageShape? { shape }
    public func itemName(_ index: Int) -> String { "image \(index) of the \(name)" }

    public func read(_ index: Int, into destination: UnsafeMutableBufferPointer<Float>) throws {
        precondition(index >= 0 && index < count && destination.count == dimension)
        let (fineWidth, fineHeight) = (2 * shape.width, 2 * shape.height)
        let fine = fineWidth * fineHeight
        withUnsafeTemporaryAllocation(of: Float.self, capacity: fine * shape.channels) { canvas in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: (fineWidth + 1) * fineHeight) { gaps in
                render(index, canvas: canvas.baseAddress!, gaps: gaps.baseAddress!)
            }
            for channel in 0..<shape.channels {
                halve(
                    canvas.baseAddress! + channel * fine,
                    to: destination.baseAddress! + channel * shape.width * shape.height)
            }
        }
    }

    /// Drops discs from the front to the back and colors only pixels that are still bare, until none is.
    ///
    /// `gaps` leads from a fine pixel to the next bare one of its row. Following and shortening such links takes next to no
    /// time; visiting every pixel of every hidden disc would take most of it.
    private func render(_ item: Int, canvas: UnsafeMutablePointer<Float>, gaps: UnsafeMutablePointer<Int32>) {
        let (width, height) = (2 * shape.width, 2 * shape.height)
        for row in 0..<height {
            for column in 0...width { gaps[row * (width + 1) + column] = Int32(column) }
        }
        var bare = width * height
        var draw = 0
        // With these bounds on the radii thousands of discs cover the image; the limit only makes sure of an end.
        let limit = min(1 << 23, 1000 + 400 * width * height)
        while bare > 0 {
            let leaf = Leaf(random: random, item: item, draw: &draw, radii: radii, shape: shape, isLast: draw >= limit)
            let reach = leaf.isLast ? height : Int(leaf.radius) + 1
            let top = max(0, leaf.isLast ? 0 : Int(leaf.y) - reach)
            let bottom = min(height - 1, leaf.isLast ? height - 1 : Int(leaf.y) + reach)
            guard top <= bottom else { continue }
            var paintOfLeaf: LeafPaint?
            for row in top...bottom {
                let dy = Float(row) + 0.5 - leaf.y
                let square = leaf.radius * leaf.radius - dy * dy
                guard square > 0 || leaf.isLast else { continue }
                let half = leaf.isLast ? Float(2 * width) : square.squareRoot()
                // Fine pixels whose center lies on the disc.
                let from = max(0, Int((leaf.x - half - 0.5).rounded(.up)))
                let to = min(width - 1, Int((leaf.x + half - 0.5).rounded(.down)))
                guard from <= to else { continue }
                let links = gaps + row * (width + 1)
                var column = Self.nextGap(links, from)
                while column <= to {
                    // Most discs are hidden wholly by those in front; only the others need colors.
                    let paint = paintOfLeaf ?? leaf.paint(random: random, item: item, channels: shape.channels)
                    paintOfLeaf = paint
                    paint.apply(
                        canvas + row * width + column, plane: width * height, channels: shape.channels,
                        dx: Float(column) + 0.5 - leaf.x, dy: dy)
                    bare -= 1
                    links[column] = Int32(column + 1)
                    column = Self.nextGap(links, column + 1)
                }
            }
        }
    }

    /// The first bare pixel at or behind `column`, `width` where there is none; halves the way for the next visit.
    @inline(__always)
    private static func nextGap(_ links: UnsafeMutablePointer<Int32>, _ column: Int) -> Int {
        var column = column
        while Int(links[column]) != column {
            let next = Int(links[column])
            links[column] = links[next]
            column = Int(links[column])
        }
        return column
    }

    /// Half the size by the separable filter (1 3 3 1) / 8, the border repeated: smooth edges, a faint blur.
    private func halve(_ fine: UnsafePointer<Float>, to coarse: UnsafeMutablePointer<Float>) {
        let (width, height) = (2 * shape.width, 2 * shape.height)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { line in
            for row in 0..<shape.height {
                let above = fine + max(0, 2 * row - 1) * width
                let first = fine + 2 * row * width
                let second = first + width
                let below = fine + min(height - 1, 2 * row + 2) * width
                for column in 0..<width {
                    line[column] = (above[column] + below[column] + 3 * (first[column] + second[column])) / 64
                }
                let target = coarse + row * shape.width
                for column in 0..<shape.width {
                    let left = line[max(0, 2 * column - 1)]
                    let right = line[min(width - 1, 2 * column + 2)]
                    target[column] = left + right + 3 * (line[2 * column] + line[2 * column + 1])
                }
            }
        }
    }
}

/// One disc, in fine pixels.
private struct Leaf {
    let x: Float
    let y: Float
    let radius: Float
    /// Whether it lies behind everything and covers the whole image.
    let isLast: Bool
    /// The first of the two draws that belong to its paint.
    private let paintDraw: Int

    /// Draws a disc that touches the image: radius by the inverse of r^-3's distribution, center uniform on the image
    /// widened by `radii.upperBound`, those that do not touch it left out before anything more is drawn.
    init(
        random: CounterRandom, item: Int, draw: inout Int, radii: ClosedRange<Double>, shape: ImageShape, isLast: Bool
    ) {
        let (low, high) = (Float(radii.lowerBound), Float(radii.upperBound))
        let (width, height) = (Float(shape.width), Float(shape.height))
        let (nearest, span) = (1 / (low * low), 1 / (low * low) - 1 / (high * high))
        while true {
            let words = random.words(item: item, draw: draw)
            draw += 1
            let radius = 1 / (nearest - Leaf.unit(words[0]) * span).squareRoot()
            let x = Leaf.unit(words[1]) * (width + 2 * high) - high
            let y = Leaf.unit(words[2]) * (height + 2 * high) - high
            let (outsideX, outsideY) = (max(-x, x - width, 0), max(-y, y - height, 0))
            guard isLast || outsideX * outsideX + outsideY * outsideY < radius * radius else { continue }
            (self.x, self.y, self.radius) = (2 * x, 2 * y, 2 * radius)
            break
        }
        self.isLast = isLast
        paintDraw = draw
        draw += 2
    }

    /// The disc's colors.
    func paint(random: CounterRandom, item: Int, channels: Int) -> LeafPaint {
        LeafPaint(
            random.words(item: item, draw: paintDraw), random.words(item: item, draw: paintDraw + 1), radius: radius,
            channels: channels)
    }

    /// A number in [0, 1) from a random word.
    @inline(__always) static func unit(_ word: UInt32) -> Float { Float(word >> 8) * 0x1p-24 }
}

/// A disc's tone, its linear shading and its faint grating.
private struct LeafPaint {
    private let tone: SIMD4<Float>
    private let slope: SIMD2<Float>
    private let wave: SIMD2<Float>
    private let phase: Float
    private let strength: Float

    init(_ first: SIMD4<UInt32>, _ second: SIMD4<UInt32>, radius: Float, channels: Int) {
        // Tones differ more in lightness than in hue, as in photographs.
        let lightness = 0.08 + 0.84 * Leaf.unit(first[0])
        let hue = 2 * Float.pi * Leaf.unit(first[1])
        let saturation = channels == 1 ? 0 : 0.16 * Leaf.unit(first[2]).squareRoot()
        tone = SIMD4(
            lightness + saturation * cos(hue), lightness + saturation * cos(hue - 2 * Float.pi / 3),
            lightness + saturation * cos(hue + 2 * Float.pi / 3), 0)
        let light = 2 * Float.pi * Leaf.unit(first[3])
        let change = 0.16 * Leaf.unit(second[0]) / max(radius, 4)
        slope = SIMD2(change * cos(light), change * sin(light))
        let direction = 2 * Float.pi * Leaf.unit(second[1])
        // Periods between 5 and 40 fine pixels; the words' low bytes, unused so far, give the strength.
        let frequency = 2 * Float.pi / (5 * exp2(3 * Leaf.unit(second[2])))
        wave = SIMD2(frequency * cos(direction), frequency * sin(direction))
        phase = 2 * Float.pi * Leaf.unit(second[3])
        strength = 0.05 * Leaf.unit(second[3] << 24) * Leaf.unit(second[2] << 24)
    }

    @inline(__always)
    func apply(_ pixel: UnsafeMutablePointer<Float>, plane: Int, channels: Int, dx: Float, dy: Float) {
        let shade = slope.x * dx + slope.y * dy + strength * sin(wave.x * dx + wave.y * dy + phase)
        for channel in 0..<channels { pixel[channel * plane] = min(max(tone[channel] + shade, 0), 1) }
    }
}
