@testable import ToySources

// swift-format-ignore
private func publishedToyCurveExample() throws {
    let published = try PublishedToyCurves(path: "Configs/anchors/toy-sources.json")
    let ecvq = published.curve(source: "boomerang", dimension: 2, method: "ecvq")
    ecvq?.rateDistortion.rates                              // bits per dimension
}
