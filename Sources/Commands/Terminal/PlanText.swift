import Foundation
import MethodKit
import Numerics
import Training

/// A plan as tables for the terminal.
struct PlanText {
    let plan: Plan
    let words: PlanWords
    let limits: PlanLimits
    let machine: Machine
    let rates: MachineRates
    let network: Double

    func show() {
        func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }
        print(
            "Plan: \(plan.method), "
                + (words.heading
                    ?? "\(plan.trainCount) training and \(plan.testCount) test vectors of dimension \(plan.dimension), "
                    + count(plan.shards, "shard")))
        print(
            "\(count(plan.ranks, "rank")) of \(count(plan.threads, "thread")) on \(count(plan.machines, "machine")) of "
                + "\(number(machine.cores)) cores"
                + (plan.machines > 1 ? ", \(number(network)) Gbit/s between them" : "") + "\n")
        showMemory()
        showPhases()
        showLayers()
        print("What this rests on")
        for sentence in plan.assumptions { print("  \(sentence)") }
        print(
            "  Rates of one core: products \(number(rates.product / 1e9)) GFLOP/s, memory "
                + "\(number(rates.memory / 1e9)) GB/s.\n")
        showLimits()
    }

    private func showMemory() {
        show(plan.memory, "Memory of the rank that needs most" + (plan.measuringMemory.isEmpty ? "" : ", training"))
        if !plan.measuringMemory.isEmpty { show(plan.measuringMemory, "Memory while models are measured") }
        showScratch()
    }

    private func show(_ memory: [Plan.Memory], _ title: String) {
        print(title)
        var table = TextTable(rightAligned: [1])
        table.rows = memory.map { [$0.what, megabytes($0.bytes)] }
        table.rows.append(["together", megabytes(memory.reduce(0) { $0 + $1.bytes })])
        print(table.text)
    }

    private func showScratch() {
        guard plan.scratchBytes > 0 else { return }
        print(
            "Scratch file of the rank that needs most: \(ByteText.text(plan.scratchBytes)), of a machine's ranks: "
                + "\(ByteText.text(plan.scratchBytes * Double(plan.ranksPerMachine))) (data.scratch).\n")
    }

    private func showPhases() {
        print("Steps (operations of all ranks; bytes that a rank sends and receives; seconds of the slowest rank)")
        var table = TextTable(rightAligned: [1, 2, 3, 4, 5])
        table.rows = [["phase", "steps", "GFLOP", "MB exchanged", "ms a step", "seconds"]]
        table.rows += plan.phases.map {
            [
                $0.name, "\($0.steps)", number($0.operations / 1e9), number($0.exchangedBytes / 1e6),
                number($0.seconds / Double(max($0.steps, 1)) * 1e3), number($0.seconds),
            ]
        }
        table.rows.append(
            [
                "in all, at most", "", number(plan.operations / 1e9), number(plan.exchangedBytes / 1e6), "",
                number(plan.seconds),
            ])
        print(table.text)
    }

    private func showLayers() {
        guard !plan.layers.isEmpty else { return }
        print("Layers, all passes of each")
        var table = TextTable(rightAligned: [0, 1, 2, 3, 4])
        table.rows = [["layer", "active dimensions", "GFLOP", "MB exchanged", "ms"]]
        let last = plan.layers.count
        let shown = plan.layers.filter { [1, 2, 5, 10, 20, 50, 100, 200, 500, last].contains($0.layer) }
        table.rows += shown.map {
            [
                "\($0.layer)", "\($0.active)", number($0.operations / 1e9), number($0.exchangedBytes / 1e6),
                number($0.seconds * 1e3),
            ]
        }
        print(table.text)
    }

    private func showLimits() {
        let needed = plan.peakBytes * Double(plan.ranksPerMachine)
        print(
            "\(words.total) about \(ProgressLine.duration(min(plan.seconds, 1e15))), \(ByteText.text(plan.peakBytes)) a rank, "
                + "\(ByteText.text(needed)) a machine.")
        let first = limits.first
        let shards = words.shares
        let memory = limits.ranksByMemory.map { "memory for \($0)" } ?? "memory for more ranks than there are \(shards)"
        print(
            "More ranks: \(first.name == "shards" ? shards : first.name) is what runs out first, after \(first.ranks) (cores "
                + "for \(limits.ranksByCores), \(shards) for \(limits.ranksByShards), \(memory)).")
        if let available = machine.memory, needed > Double(available) {
            print(
                "Does not fit: a machine has \(ByteText.text(available)) of memory. Remedy: fewer ranks a machine or "
                    + "more machines, \(words.smaller).")
        }
        if plan.ranksPerMachine * plan.threads > Int(machine.cores) {
            print(
                "Ranks take turns: \(plan.ranksPerMachine * plan.threads) threads on \(number(machine.cores)) cores of "
                    + "a machine. Remedy: fewer ranks or threads, or more machines.")
        }
    }

    private func megabytes(_ bytes: Double) -> String { String(format: "%.1f MB", bytes / 1e6) }

    /// Three digits, or whole numbers.
    private func number(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e6 { return "\(Int(value))" }
        return String(format: abs(value) >= 100 ? "%.0f" : abs(value) >= 10 ? "%.1f" : "%.3g", value)
    }
}
