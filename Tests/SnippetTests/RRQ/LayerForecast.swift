@testable import RRQ

// swift-format-ignore
private func layerForecastExample(sample: DataSample) throws {
    let forecast = LayerForecast(variances: sample.variances, layers: 100, codewords: 256)
    forecast.actives                                        // [14, 28, ...]
    LayerForecast(variances: sample.variances, layers: 3, codewords: 256, margin: 1).actives      // theory itself
}
