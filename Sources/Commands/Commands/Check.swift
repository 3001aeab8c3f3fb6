import ArgumentParser
import Datasets
import Foundation
import MethodKit
import Training

struct Check: ParsableCommand, DataNaming {
    static let configuration = CommandConfiguration(
        abstract: "Reads data whole, and names what is damaged.",
        discussion: HelpText.discussion(
            .check,
            """
            Every pixel of every image, in a folder or in tar files; every vector of .npy, .fvecs, .ivecs and .bvecs \
            files; every tensor of .safetensors files; every chunk of .lloyd files; every file of a run folder. Before a \
            long run it says what the run would meet. Exit code 1 if something is damaged or cannot be read; training \
            passes over damaged images with data.damaged=skip.
            """,
            examples: [
                "lloyd check photos --threads 8",
                #"lloyd check 'shards-{000..127}.tar' --json check.json"#,
                "lloyd check sift/base.fvecs",
                "lloyd check runs/mine",
            ]))

    @Argument(help: ArgumentHelp("A folder, a file, or a pattern of tar files.", valueName: "data"))
    var data: String

    @Option(help: "Threads that read and decode.")
    var threads: Int = 1

    @Option(help: ArgumentHelp("Writes what was found as JSON.", valueName: "file"))
    var json: String?

    var dataNames: [String] { [data] }

    func validate() throws {
        guard threads >= 1, threads <= 1024 else { throw ValidationError("--threads must be from 1 to 1024") }
    }

    func run() throws {
        var isWhole = true
        try Failure.reported {
            let check = try DataCheck(data)
            let progress = ProgressLine()
            let result = try check.run(team: Team(threads: threads)) { done, count in
                progress.show(fraction: Double(done) / Double(count), text: "\(done) of \(count) items read")
            }
            progress.finish()
            print(result.text, terminator: "")
            if let json { try JSONOutput.write(result, to: json) }
            isWhole = result.damaged.isEmpty
        }
        if !isWhole { throw ExitCode(1) }
    }
}
