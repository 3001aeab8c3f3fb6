@testable import ToySources

// swift-format-ignore
private func toyCurvesExample(record: ToyRecord, published: PublishedToyCurves) throws {
    let curves = ToyCurves(record: record, published: published)
    curves.own(.ecvq)                                       // nil if the run had no such method
    curves.rateDistortion()                                 // a LineChart
}
