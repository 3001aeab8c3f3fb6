import MethodKit

extension CodebookStudyMethod {
    public static let help = [
        MethodHelp(
            .program,
            examples: ["lloyd train Configs/rrq-table1.yaml                     single codebooks on a Gaussian source"]),
        MethodHelp(.plan, examples: ["lloyd plan Configs/rrq-table1.yaml --ranks 2"]),
    ]
}
