/// Seeds that are texts.
extension FuzzSeeds {
    /// accounting.json of the run whose record is fuzzed.
    static let accounting = """
        {"ranks": 1, "threads": 1, "seconds": 1.5, "peakMegabytes": 40, "reducedMegabytes": 0, "rows": []}
        """

    /// Metrics of the same run: those of NVTC are in its report.
    static let metrics = """
        kind,lambda,step,stages,rates,loss,psnr
        train,256,1,1,0,2.5,20
        train,256,2,1,1,2.25,21
        validation,256,2,1,1,,22.5

        """

    static let yaml: [FuzzSeed] =
        [
            "seed: 7\ntitle: \"a: b\"\nrrq: {layers: 3, codewords: 16}\nreport:\n  snapshots: [1, 2]\n",
            "# comment\nmethod: nvtc\nmodel:\n  {factors: [4, 2], widths: [16, 16]}\ndata:\n  path: 'it''s'\n  decay: 1e-3\n",
            "title: |\n  two\n  lines\ndata: {path: null, count: 0x10}\n",
        ].map { FuzzSeed($0) } + [FuzzSeed("a: &x [1]\nb: *x\n", isRead: false)]  // no anchors

    /// A record of each method.
    static let records: [FuzzSeed] = [
        """
        {"method": "rrq", "dataName": "x", "trainCount": 8, "testCount": 2, "heldOutCount": 0, "dimension": 12, "imageWidth": 4,
        "imageHeight": 3, "imageChannels": 1, "codewords": 4, "comparison": [], "sourceVariances": [1, 0.5], "pictures": [
        {"file": "pictures/a.png", "layer": 1, "restoration": "original", "item": 0, "name": "a"}], "qualities": [
        {"layer": 1, "restoration": "reconstruction", "psnr": 30.5}], "layers": [{"layer": 1, "waterLevel": 0.1,
        "activeDimensions": 3, "bits": 2, "entropyBits": 1.9, "trainDistortion": 0.5, "testDistortion": 0.6,
        "boundDistortion": 0.4, "codewordsUsed": 4, "trainPerplexity": 3.5, "rateProfile": [0.5, 0.1]}]}
        """,
        """
        {"method": "toy", "title": "t", "source": "boomerang", "dimension": 2, "testSamples": 100, "seed": 1, "points": [
        {"method": "ecvq", "lambda": 4, "codewords": 16, "alive": 8, "bitsPerDimension": 1.5, "meanSquaredError": 0.1,
        "trainingSamples": 1000, "trainingSteps": 10, "partition": "partitions/a.safetensors"}]}
        """,
        """
        {"method": "codebook-study", "trials": 1, "trainCount": 10, "testCount": 5, "dimension": 2, "codewords": 4, "decay": 0.1,
        "bound": 0.5, "waterLevel": 0.1, "activeDimensions": 2, "table": [{"method": "kmeans", "train": 0.5, "test": 0.6,
        "trainRange": [0.5, 0.5], "testRange": [0.6, 0.6], "codewordsUsed": 4}], "curves": [], "sourceVariances": [1, 0.5],
        "idealCodewordVariances": [1, 0.5], "idealDistortions": [0.1, 0.1]}
        """,
        """
        {"kind": "nvtc", "method": "nvtc", "title": "t", "seed": 1, "parameters": 1000, "data": "2 images", "validation":
        "1 image", "architecture": {"stages": [{"factor": 4, "layers": 1, "width": 16, "units": 1, "block": 2, "codewords": 8,
        "dimension": 4, "priorParameters": 4, "priorLevels": 8}], "transform": "vector", "scalingBlocks": 1, "priorWidth": 16,
        "priorBlocks": 1}, "points": [{"lambda": 256, "steps": 2, "bitsPerPixel": 0.5, "psnr": 22.5, "layers": [{"stage": 0,
        "layer": 0, "bitsPerPixel": 0.5, "alive": 30, "codewords": 32, "perplexity": 7.5}], "images": [{"name": "a.png",
        "bitsPerPixel": 0.5, "psnr": 22.5, "layers": [0.5]}]}]}
        """,
    ].map { FuzzSeed($0) }

    static let curves: [FuzzSeed] = [
        #"{"name": "VTM", "description": "d", "results": {"bpp": [0.1, 0.2], "psnr-rgb": [28.5, 31], "ms-ssim-rgb": [0.9, NaN]}}"#,
        #"{"origin": "o", "curves": [{"source": "boomerang", "dimension": 2, "method": "ecvq", "bpd": [0.5, 1], "psnr": [3, 9]}]}"#,
        #"{"origin": "o", "curves": [{"name": "A", "results": {"bpp": [1e-3, 2E0], "psnr": [30, null]}}]}"#,
        "\u{FEFF}[{\"bpp\": [0.5], \"psnr-rgb\": [30]}]",
    ].enumerated().map { FuzzSeed($1, isRead: $0 != 1) }  // the second is of a toy source, not of codecs
}
