@testable import ToySources

// swift-format-ignore
private func codebookTargetExample() throws {
    CodebookTarget.lambda(64).name(.ecvq)                   // "ecvq-64"
    "\(CodebookTarget.codewords(256))"                      // "256 codewords"
}
