import MethodKit

extension RRQMethod {
    public static let help = [
        MethodHelp(
            .program,
            examples: ["lloyd train Configs/rrq-demo.yaml                       layers of codebooks on built-in images"]
        ),
        MethodHelp(
            .train,
            examples: [
                "lloyd train Configs/rrq-demo.yaml",
                "mpirun -n 2 lloyd train Configs/rrq-faces.yaml --set data.path=/data/CroppedYale --run runs/faces",
            ]),
        MethodHelp(
            .plan,
            examples: [
                "lloyd plan Configs/rrq-faces.yaml --ranks 8 --machines 2 --set data.path=/data/CroppedYale",
                "lloyd plan Configs/rrq-demo.yaml --ranks 4 --threads 2 --json plan.json",
            ]),
        MethodHelp(
            .encode,
            "With the run of an RRQ training, all images have the size of those it was trained on, and the file holds an "
                + "index for each layer: the first ones alone are a coarser image. Its pixels may differ between processors "
                + "by rounding.",
            examples: ["lloyd encode --model runs/rrq-faces --layers 40 face.png face.lloyd"]),
        MethodHelp(
            .decode, examples: ["lloyd decode --model runs/rrq-faces --layers 10 face.lloyd coarse.png"]),
        MethodHelp(
            .evaluate,
            "An RRQ run has a point for each number of layers: 5, 10, 20, 50, 100 and all there are, unless --layers says "
                + "otherwise. Without --data the images are coded that it held back for testing.",
            examples: ["lloyd evaluate runs/rrq-faces --layers 5,10,20,50,100 --json faces.json --keep decoded"]),
        MethodHelp(
            .compare,
            examples: ["lloyd compare runs/lambda-1 runs/lambda-10 runs/lambda-100 --out Reports/faces-lambda"]),
        MethodHelp(
            .export,
            "A layer of RRQ becomes layer-0001-values.npy (K x active dimensions, float32) and layer-0001-active.npy (their "
                + "numbers from 0, int32), or with --dense one layer-0001-dense.npy (K x dimension). Codewords are those of "
                + "the decorrelated vectors: after the cosine transform, in band order, rotated into each band's principal "
                + "components.",
            examples: [
                "lloyd export runs/faces --out exported --layers 1-10,20 --dense",
                "lloyd export runs/faces --out exported --format safetensors",
                "lloyd export runs/faces/codebooks/layer-0001.safetensors --out exported",
            ]),
    ]
}
