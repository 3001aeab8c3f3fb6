// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import ImageMetrics

private func pictureQualityExample(original: Image, decoded: Image) throws {
    let quality = try PictureQuality(original, decoded, name: "kodim01.png")
    quality.psnr                                            // dB over all channels
    quality.msSSIM                                          // nil for a side of 160 pixels or less
}
