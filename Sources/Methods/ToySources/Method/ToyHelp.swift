import MethodKit

extension ToyStudyMethod {
    public static let help = [
        MethodHelp(
            .program,
            examples: [
                "lloyd train Configs/toy-quick.yaml                      VQ and transform coding on a toy source"
            ]),
        MethodHelp(
            .train,
            examples: [
                "mpirun -n 2 lloyd train Configs/toy-quick.yaml",
                "mpirun -n 2 lloyd train Configs/toy-boomerang.yaml --set toy.methods=[ecvq,ntc]",
            ]),
        MethodHelp(
            .plan,
            "Of a toy source, the learned transforms are planned (ntc, ntvq, ntecvq); what codebooks take shows in training.",
            examples: ["lloyd plan Configs/toy-boomerang.yaml --ranks 2"]),
        MethodHelp(
            .report, examples: ["lloyd report runs/toy-boomerang --anchors Configs/anchors/toy-sources.json"]),
        MethodHelp(
            .compare,
            examples: ["lloyd compare runs/toy-boomerang runs/toy-banana runs/toy-normaliid --out Reports/toy-sources"]),
    ]
}
