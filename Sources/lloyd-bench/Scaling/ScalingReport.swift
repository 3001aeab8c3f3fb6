import ArgumentParser
import Foundation
import Reporting

struct ScalingReport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scaling-report",
        abstract: "Measurements of `lloyd-bench scaling` on several numbers of ranks, and what they promise for more.",
        discussion: "lloyd-bench scaling-report 1.json 2.json --out Reports/scaling")

    @Argument(help: "Files of `lloyd-bench scaling`, one of them of one rank.") var files: [String]
    @Option(help: "Folder of the report; its files are replaced.") var out: String
    @Option(help: "Ranks on each machine of the modeled clusters.") var ranksPerMachine = 32

    func validate() throws {
        guard (1...1024).contains(ranksPerMachine) else { throw ValidationError("expected 1 to 1024 ranks a machine") }
    }

    func run() throws {
        let measured = try files.map { file -> ScalingMeasurement in
            do {
                return try JSONDecoder().decode(
                    ScalingMeasurement.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
            } catch { throw ValidationError("\(file) is not a measurement of `lloyd-bench scaling`: \(error)") }
        }.sorted { $0.ranks < $1.ranks }
        guard let alone = measured.first, alone.ranks == 1, let pair = measured.first(where: { $0.ranks == 2 }) else {
            throw ValidationError("measurements on one and on two ranks are needed")
        }
        let models = zip(alone.workloads, pair.workloads).map { one, two in
            ScalingModel(
                computing: one.median(\.computing), hideable: one.hideable,
                deviation: max(one.deviation, two.deviation),
                bytes: Double(one.bytes), update: one.median(\.updating),
                memoryRate: 2 * 0.5 * Double(two.bytes) / two.alone.median, ranksPerMachine: ranksPerMachine)
        }
        let page = page(measured, models)
        let written = try page.write(to: out, data: JSONValue(encoding: measured))
        for note in written.notes { print("Note: \(note)") }
        print("Report: \(out)/index.html")
    }

    private static let counts = (0...16).map { 1 << $0 }

    private func page(_ measured: [ScalingMeasurement], _ models: [ScalingModel]) -> ReportPage {
        var page = ReportPage(
            title: "Scaling",
            subtitle: "The same work on every rank: measured on \(measured[0].processor), then modeled",
            footer: "Repeat it with Launch/experiments/scaling.")
        page.add("Measured", [.paragraph(Self.measuredText), .table(measuredTable(measured))])
        for (index, model) in models.enumerated() {
            page.add("Modeled: \(measured[0].workloads[index].name)", modeled(model, number: index + 1))
        }
        page.add(
            "What breaks first", models.indices.map { .paragraph(limits(models[$0], measured[0].workloads[$0].name)) })
        page.add("Assumptions", [.paragraph(assumptions(models)), .table(networks)])
        return page
    }

    // MARK: Measured

    private static let measuredText =
        "Efficiency is a step's time on one rank over that on several. Imbalance: how much longer the slowest rank computes "
        + "than the mean. Exposed: waiting and exchanging that the imbalance does not explain. Hidden: what of the "
        + "exchange, measured alone, went on behind the computing."

    private func measuredTable(_ measured: [ScalingMeasurement]) -> ReportTable {
        let base = measured[0].workloads
        let rows = base.indices.flatMap { index in
            measured.map { one -> [ReportTable.Cell] in
                let workload = one.workloads[index]
                let seconds = workload.median(\.seconds)
                return [
                    .text(workload.name), .number(Double(one.ranks)), .number(Double(one.machines)),
                    .number(1000 * seconds), .number(100 * base[index].median(\.seconds) / seconds),
                    .number(100 * workload.imbalance), .number(1000 * workload.exposed),
                    .number(1000 * workload.hidden),
                    .number(Double(workload.bytes) / 1e6),
                ]
            }
        }
        return ReportTable(
            columns: [
                .init("Work"), .init("Ranks", decimals: 0), .init("Machines", decimals: 0),
                .init("Step", unit: "ms", decimals: 1),
                .init("Efficiency", unit: "%", decimals: 1), .init("Imbalance", unit: "%", decimals: 1),
                .init("Exposed", unit: "ms", decimals: 1), .init("Hidden", unit: "ms", decimals: 1),
                .init("Vector", unit: "MB", decimals: 1),
            ], rows: rows, caption: "Medians over steps.")
    }

    // MARK: Modeled

    private func modeled(_ model: ScalingModel, number: Int) -> [ReportBlock] {
        func curve(_ network: ClusterNetwork, inside: Bool) -> LineChart.Series {
            LineChart.Series(
                network.name + (inside ? "" : ", straight"), x: Self.counts.map(Double.init),
                y: Self.counts.map {
                    100 * model.step(ranks: $0, on: network, addingInsideMachines: inside).efficiency
                }, marker: Marker.none, dash: inside ? .solid : .dashed)
        }
        let chart = LineChart(
            title: "Efficiency, modeled", x: Axis("Ranks", scale: .log10),
            y: Axis("Efficiency", unit: "%", from: 0, to: 100),
            series: ClusterNetwork.common.map { curve($0, inside: true) }
                + ClusterNetwork.common.map { curve($0, inside: false) })
        let rows = ClusterNetwork.common.flatMap { network in
            [1024, 4096, 16384].map { ranks -> [ReportTable.Cell] in
                let step = model.step(ranks: ranks, on: network, addingInsideMachines: true)
                let straight = model.step(ranks: ranks, on: network, addingInsideMachines: false)
                return [
                    .text(network.name), .number(Double(ranks)), .number(100 * step.efficiency),
                    .number(100 * step.exchangeEfficiency),
                    .number(1000 * step.straggling), .number(1000 * step.exposed), .number(Double(step.partners)),
                    .number(step.messages), .number(100 * straight.efficiency), .number(straight.messages),
                ]
            }
        }
        return [
            .chart(
                chart, stem: "efficiency-\(number)",
                caption:
                    "\(ranksPerMachine) ranks a machine. Solid: ranks of a machine add first, as Lloyd does on several "
                    + "machines; dashed: every rank exchanges with every other."),
            .table(
                ReportTable(
                    columns: [
                        .init("Network"), .init("Ranks", decimals: 0), .init("Efficiency", unit: "%", decimals: 1),
                        .init("Without stragglers", unit: "%", decimals: 1),
                        .init("Stragglers", unit: "ms", decimals: 1),
                        .init("Exposed exchange", unit: "ms", decimals: 1),
                        .init("Partners of a rank", decimals: 0), .init("Messages of a step", decimals: 0),
                        .init("Straight: efficiency", unit: "%", decimals: 1), .init("Straight: messages", decimals: 0),
                    ], rows: rows,
                    caption:
                        "Without stragglers: if all ranks computed equally long. Partners: ranks that a rank has connections to."
                )),
        ]
    }

    private func limits(_ model: ScalingModel, _ name: String) -> String {
        func at(_ ranks: Int?, _ word: String) -> String {
            ranks.map { "\(word) \($0) ranks" } ?? "not up to \(Self.counts.last!) ranks"
        }
        // Where each network's efficiency falls below 90 %.
        func falls(_ efficiency: (ScalingModel.Step) -> Double) -> String {
            ClusterNetwork.common.map { network in
                let below = Self.counts.first {
                    efficiency(model.step(ranks: $0, on: network, addingInsideMachines: true)) < 0.9
                }
                return "\(network.name) " + at(below, "at")
            }.joined(separator: "; on ")
        }
        let sockets = Self.counts.first { $0 / ranksPerMachine + ranksPerMachine - 2 >= 1000 }
        return
            "\(name): with steps that deviate as much as here, by which the slowest of many ranks falls behind, the efficiency falls "
            + "below 90 % on \(falls(\.efficiency)); for the exchange alone on "
            + "\(falls(\.exchangeEfficiency)). Straight, a rank would need "
            + "more than the usual 1024 descriptors for its connections from 1024 ranks on; adding inside machines, "
            + at(sockets, "from") + (sockets == nil ? "." : " on.")
    }

    private func assumptions(_ models: [ScalingModel]) -> String {
        let deviations = models.map { String(format: "%.1f %%", 100 * $0.deviation) }.joined(separator: " and ")
        return
            "Measured here: computing, update, the deviation of a rank's steps (\(deviations)), and how fast ranks of a "
            + "machine exchange. Assumed: the networks below, \(ranksPerMachine) ranks a machine that slow each other down no "
            + "more than two do here, steps that deviate independently (more crops in a step deviate less), an exchange that moves on while a rank computes. "
            + "One limit does not depend on speed: R ranks need R micro-batches, so a step of NVTC has at least R crops."
    }

    private var networks: ReportTable {
        ReportTable(
            columns: [
                .init("Network"), .init("Latency", unit: "µs", decimals: 1), .init("Port", unit: "GB/s", decimals: 2),
                .init("Core time of a message", unit: "µs", decimals: 1),
            ],
            rows: ClusterNetwork.common.map {
                [
                    .text($0.name), .number(1e6 * $0.latency), .number($0.bytesPerSecond / 1e9),
                    .number(1e6 * $0.overhead),
                ]
            })
    }
}
