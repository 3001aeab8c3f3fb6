import Training

/// Where a run keeps validation images and their reconstructions as PNG files.
///
///     NVTCPictures.original(0)                                // "pictures/image-01-original.png"
///     NVTCPictures.reconstruction(0, lambda: 256)             // "pictures/image-01-lambda-256.png"
///
/// Images are numbered from 0 in the order of the validation images, in file names from 1.
public enum NVTCPictures {
    public static func original(_ image: Int) -> String { file(image, "original") }

    public static func reconstruction(_ image: Int, lambda: Double) -> String {
        file(image, "lambda-\(compact(lambda))")
    }

    private static func file(_ image: Int, _ what: String) -> String {
        "pictures/image-\(image < 9 ? "0" : "")\(image + 1)-\(what).png"
    }
}
