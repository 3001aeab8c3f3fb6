import Training

/// The PNG files in which a run keeps validation images and their reconstructions.
///
///     NVTCPictures.original(0)                                // "pictures/image-01-original.png"
///     NVTCPictures.reconstruction(0, lambda: 256)             // "pictures/image-01-lambda-256.png"
///
/// Images are numbered from 0 in the order of the validation images, in file names from 1.
enum NVTCPictures {
    /// The PNG file of a validation image, within the run folder.
    static func original(_ image: Int) -> String { file(image, "original") }

    /// The PNG file of what the model of a lambda makes of it, within the run folder.
    static func reconstruction(_ image: Int, lambda: Double) -> String {
        file(image, "lambda-\(compact(lambda))")
    }

    private static func file(_ image: Int, _ what: String) -> String {
        "pictures/image-\(image < 9 ? "0" : "")\(image + 1)-\(what).png"
    }
}
