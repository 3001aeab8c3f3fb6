import ArgumentParser

@main
struct LloydBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lloyd-bench",
        abstract: "Times Lloyd's kernels against other implementations on this machine, one core each, in alternation.",
        subcommands: [
            KMeansBenchmark.self, SparseLayerBenchmark.self, ReductionBenchmark.self, TransformCodingBenchmark.self,
            VectorTransformBenchmark.self, ConvolutionBenchmark.self, CodecBenchmark.self, DamageTrial.self,
            ScalingBenchmark.self, ScalingReport.self, Fuzz.self, FuzzWorker.self,
        ] + instrumented)

    #if LLOYD_FUZZ
        private static let instrumented: [any ParsableCommand.Type] = [FuzzByCoverage.self]
    #else
        private static let instrumented: [any ParsableCommand.Type] = []
    #endif
}
