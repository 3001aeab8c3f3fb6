import Foundation

/// Collects SVG elements. Numbers and text become SVG here only, so that escaping cannot be forgotten.
///
///     var drawing = Drawing(width: 720)
///     drawing.line(from: (0, 10), to: (720, 10), stroke: .init(color: ChartStyle.ink))
///     drawing.text("λ < 10", x: 360, y: 30, anchor: .middle)
///     let file = drawing.document(title: "An example")
public struct Drawing: Sendable {
    /// CSS pixels.
    public let width: Double
    /// CSS pixels; set when the layout is known.
    public var height: Double
    /// Elements since the last cell picture.
    private var body = ""
    /// Cell pictures, each with the elements before it and its rectangle.
    private var pictures: [(before: String, picture: CellPicture, box: [Double], smooth: Bool)] = []

    /// An empty drawing.
    public init(width: Double, height: Double = 0) {
        self.width = width
        self.height = height
    }

    /// Which part of a text stands at its coordinates.
    package enum Anchor: String { case start, middle, end }

    /// How a line is drawn: color, width and dashes in px.
    package struct Stroke {
        var color: ChartColor
        var width = 1.0
        var dashes: [Double] = []

        package init(color: ChartColor, width: Double = 1, dashes: [Double] = []) {
            (self.color, self.width, self.dashes) = (color, width, dashes)
        }

        var attributes: String {
            let pattern =
                dashes.isEmpty ? "" : " stroke-dasharray=\"\(dashes.map(Drawing.number).joined(separator: " "))\""
            return " stroke=\"\(color.hex)\" stroke-width=\"\(Drawing.number(width))\"\(pattern)"
        }
    }

    /// A straight line between two points.
    package mutating func line(from start: (Double, Double), to end: (Double, Double), stroke: Stroke) {
        body += "<line x1=\"\(Self.number(start.0))\" y1=\"\(Self.number(start.1))\" x2=\"\(Self.number(end.0))\""
        body += " y2=\"\(Self.number(end.1))\"\(stroke.attributes)/>\n"
    }

    /// A rectangle, by its upper left corner. Viewers show the tooltip when the pointer rests on it.
    package mutating func rectangle(
        x: Double, y: Double, width: Double, height: Double, fill: ChartColor?, stroke: Stroke? = nil,
        crisp: Bool = false,
        tooltip: String? = nil
    ) {
        body += "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(width))\""
        body += " height=\"\(Self.number(height))\" fill=\"\(fill?.hex ?? "none")\"\(stroke?.attributes ?? "")"
        if crisp { body += " shape-rendering=\"crispEdges\"" }
        close("rect", tooltip: tooltip)
    }

    /// An open path, given in SVG's path language.
    package mutating func path(_ data: String, stroke: Stroke) {
        body +=
            "<path d=\"\(data)\" fill=\"none\" stroke-linejoin=\"round\" stroke-linecap=\"round\""
        body += "\(stroke.attributes)/>\n"
    }

    /// A filled, closed path with a white rim, as markers want it.
    package mutating func shape(_ data: String, fill: ChartColor, rim: Double = 0.8, tooltip: String? = nil) {
        body += "<path d=\"\(data)\" fill=\"\(fill.hex)\" stroke=\"#fff\" stroke-width=\"\(rim)\""
        close("path", tooltip: tooltip)
    }

    /// One line of text whose baseline starts, centers or ends at x, y. A `superscript` follows the text.
    package mutating func text(
        _ text: String, superscript: String = "", x: Double, y: Double, size: Double = ChartStyle.labelSize,
        color: ChartColor = ChartStyle.ink, anchor: Anchor = .start, bold: Bool = false, rotation: Double = 0
    ) {
        body += "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" font-size=\"\(Self.number(size))\""
        if color != ChartStyle.ink { body += " fill=\"\(color.hex)\"" }
        if anchor != .start { body += " text-anchor=\"\(anchor.rawValue)\"" }
        if bold { body += " font-weight=\"bold\"" }
        if rotation != 0 {
            body += " transform=\"rotate(\(Self.number(rotation)) \(Self.number(x)) \(Self.number(y)))\""
        }
        body += ">\(Markup.escape(text))"
        if !superscript.isEmpty {
            let raise = Self.number(-0.38 * size)
            body +=
                "<tspan dy=\"\(raise)\" font-size=\"\(Self.number(0.78 * size))\">\(Markup.escape(superscript))</tspan>"
        }
        body += "</text>\n"
    }

    /// Cells stretched over a rectangle, with hard edges between them, or passing smoothly into each other.
    package mutating func image(
        _ picture: CellPicture, x: Double, y: Double, width: Double, height: Double, smooth: Bool = false
    ) {
        pictures.append((body, picture, [x, y, width, height], smooth))
        body = ""
    }

    /// With a zoom, each cell has so many pixels of its own that a viewer's smoothing between pixels cannot be seen.
    private static func element(_ picture: CellPicture, _ box: [Double], smooth: Bool, zoom: Double?) -> String {
        let zoom = smooth ? nil : zoom
        let png = picture.png(atLeast: zoom.map { (Int($0 * box[2]), Int($0 * box[3])) })
        let corner = box.map(number)
        return "<image x=\"\(corner[0])\" y=\"\(corner[1])\" width=\"\(corner[2])\" height=\"\(corner[3])\""
            + " preserveAspectRatio=\"none\"" + (smooth ? "" : " style=\"image-rendering:pixelated\"")
            + " href=\"data:image/png;base64,\(png.base64EncodedString())\"/>\n"
    }

    /// Whatever `draw` draws is cut at the rectangle's edges.
    ///
    /// A nested viewport needs no identifier, so that many charts can share a page without their clip paths clashing.
    package mutating func clipped(x: Double, y: Double, width: Double, height: Double, _ draw: (inout Drawing) -> Void)
    {
        let box = [x, y, width, height].map(Self.number)
        body += "<svg x=\"\(box[0])\" y=\"\(box[1])\" width=\"\(box[2])\" height=\"\(box[3])\""
        body += " viewBox=\"\(box.joined(separator: " "))\" overflow=\"hidden\">\n"
        draw(&self)
        body += "</svg>\n"
    }

    /// The file's whole text.
    public func document(title: String) -> String { document(title: title, zoom: nil) }

    /// For a rasterizer that ignores `image-rendering`, as librsvg 2.54 does, and will enlarge `zoom` times.
    package func document(title: String, zoom: Double?) -> String {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + element(title: title, standalone: true, zoom: zoom)
    }

    /// The `<svg>` element.
    /// - Parameters:
    ///   - title: for screen readers.
    ///   - standalone: whether it is a file of its own, which needs the name space and a size.
    ///   - zoom: as in `document(title:zoom:)`.
    package func element(title: String, standalone: Bool, zoom: Double? = nil) -> String {
        let (w, h) = (Self.number(width), Self.number(height))
        var text = "<svg"
        // HTML needs neither the name space nor a size: the page's style decides.
        if standalone { text += " xmlns=\"http://www.w3.org/2000/svg\" width=\"\(w)\" height=\"\(h)\"" }
        text += " viewBox=\"0 0 \(w) \(h)\" role=\"img\" aria-label=\"\(Markup.escape(title))\""
        text += " font-family=\"\(ChartStyle.fonts)\" fill=\"\(ChartStyle.ink.hex)\">\n"
        text += "<rect width=\"\(w)\" height=\"\(h)\" fill=\"#fff\"/>\n"
        for (before, picture, box, smooth) in pictures {
            text += before + Self.element(picture, box, smooth: smooth, zoom: zoom)
        }
        return text + body + "</svg>\n"
    }

    private mutating func close(_ name: String, tooltip: String?) {
        if let tooltip {
            body += "><title>\(Markup.escape(tooltip))</title></\(name)>\n"
        } else {
            body += "/>\n"
        }
    }

    /// A coordinate with one decimal: a tenth of a pixel is below what anybody sees, and half the file size.
    package static func number(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e9 else { return value > 0 ? "1000000000" : "-1000000000" }
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let (whole, rest) = abs(tenths).quotientAndRemainder(dividingBy: 10)
        return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
    }
}

/// Text made safe for XML and HTML.
package enum Markup {
    /// `&`, `<`, `>` and quotation marks become entities; what XML forbids becomes U+FFFD.
    package static func escape(_ text: String) -> String {
        var safe = ""
        safe.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": safe += "&amp;"
            case "<": safe += "&lt;"
            case ">": safe += "&gt;"
            case "\"": safe += "&quot;"
            case "'": safe += "&#39;"
            case "\t", "\n", "\r": safe.unicodeScalars.append(scalar)
            // XML 1.0 does not allow control characters and the two non-characters, not even escaped.
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": safe += "\u{FFFD}"
            default: safe.unicodeScalars.append(scalar)
            }
        }
        return safe
    }
}
