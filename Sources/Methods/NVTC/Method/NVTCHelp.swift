import MethodKit

extension NVTCMethod {
    public static let help = [
        MethodHelp(
            .program,
            examples: ["lloyd encode --model runs/nvtc-small photo.png photo.lloyd"]),
        MethodHelp(
            .train,
            examples: ["mpirun -n 2 lloyd train Configs/nvtc-small.yaml --set data.path=photos --max-hours 11.5"]),
        MethodHelp(
            .plan,
            "Of NVTC, no data are needed to learn what steps take: --set data.source=dead-leaves will do.",
            examples: [
                "lloyd plan Configs/nvtc-paper.yaml --ranks 8 --machines 4 --set data.path=/data/coco/train2017"
            ]),
        MethodHelp(
            .encode,
            "A file of NVTC decodes to the same pixels on any machine, with any number of threads.",
            examples: [
                "lloyd encode --model runs/nvtc-small --lambda 256 photo.png photo.lloyd",
                "lloyd encode --model runs/nvtc-small/models/nvtc-256.safetensors photo.jpg photo.lloyd --verify",
            ]),
        MethodHelp(
            .decode, examples: ["lloyd decode --model runs/nvtc-small photo.lloyd photo.png --threads 2"]),
        MethodHelp(
            .evaluate, "An NVTC run has a point for each lambda.",
            examples: [
                "lloyd evaluate runs/nvtc-small --data kodak --json evaluation.json",
                #"mpirun -n 2 lloyd evaluate runs/nvtc-small --data kodak --name "NVTC small" --keep decoded"#,
            ]),
        MethodHelp(.check, examples: ["lloyd check runs/nvtc-small"]),
        MethodHelp(
            .compare,
            examples: [
                "lloyd compare runs/nvtc runs/nvtc-no-vt --anchors Configs/anchors/kodak.json --out Reports/nvtc-variants",
                "lloyd compare nvtc.json Reports/classical-kodak --reference WebP --out Reports/kodak",
            ]),
        MethodHelp(
            .report,
            examples: [
                "lloyd report runs/nvtc-small --anchors Configs/anchors/kodak.json --without-pictures "
                    + "--out Reports/nvtc-small"
            ]),
        MethodHelp(
            .export,
            "Models of NVTC become one safetensors file each, with the published implementation's names and shapes.",
            examples: ["lloyd export runs/nvtc/models/nvtc-256.safetensors --out exported"]),
    ]
}
