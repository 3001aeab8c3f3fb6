import Foundation
import TestSupport
import Testing

/// Names that are not UTF-8: data are read whatever bytes their names are made of; all else is refused before anything is
/// done, and never does a file or folder of another name appear.
@Suite(.timeLimit(.minutes(5))) struct ByteNameTests {
    private static let small = """
        method: rrq
        shards: 2
        data: {source: dead-leaves, count: 40, width: 8, height: 8}
        rrq: {layers: 2, codewords: 4, iterations: 2}
        """

    /// Runs a script of bash in a folder; `$LLOYD` is the program.
    private func shell(_ script: String, _ folder: ScratchFolder) throws -> ChildProcess.Result {
        var environment = MPIRun.childEnvironment()
        environment["LLOYD"] = try LloydProgram.path.get()
        return try ChildProcess.run(
            "/bin/bash", arguments: ["-c", script], environment: environment, folder: folder.path)
    }

    /// The names of everything below a folder, bytes that are not ASCII as M-x.
    private func names(_ folder: ScratchFolder) throws -> String {
        try shell("find . | LC_ALL=C sort | LC_ALL=C cat -v", folder).standardOutput
    }

    /// Every argument of every command, given such a name of what is not there.
    @Test func everyArgumentReadsOrRefuses() throws {
        let folder = try ScratchFolder()
        try folder.write(Self.small, to: "small.yaml")
        let before = try names(folder)
        var count = 0
        for command in try CommandDump.commands() {
            for position in command.valued.indices {
                let words = command.valued.enumerated().flatMap { index, other -> [String] in
                    guard index == position || !other.isOptional else { return [] }
                    let given = other.option == "--set" ? #"$'report.anchors=caf\xe9'"# : #"$'caf\xe9'"#
                    let value = index == position ? given : other.option == "--lambda" ? "1" : "small.yaml"
                    return (other.option.map { [$0] } ?? []) + [value]
                }
                let line = "\"$LLOYD\" \(command.commandName) \(words.joined(separator: " "))"
                let result = try shell(line, folder)
                count += 1
                #expect(result.status == 1 || result.status == 2, "\(line): \(result)")
                // What is read first, and is of no use either, may be named instead.
                let messages = [#"caf\xE9"#, "invalid", "holds no NVTC model", "small.yaml: "]
                let named = messages.contains { result.standardError.contains($0) }
                #expect(named, "\(line): \(result)")
                #expect(try names(folder) == before, "\(line)")
            }
        }
        #expect(count >= 50)
    }

    @Test(arguments: [
        #"train small.yaml --run $'caf\xe9'"#, #"train small.yaml --run $'caf\xe9/run'"#,
        #"train small.yaml --run=$'caf\xe9'"#, #"train $'caf\xe9.yaml'"#, #"report run --out $'caf\xe9'"#,
        #"compare run --out $'caf\xe9'"#, #"compare run --out report --title $'caf\xe9'"#,
        #"check run --json $'caf\xe9'"#,
        #"evaluate run --keep $'caf\xe9'"#, #"export run --out $'caf\xe9'"#,
        #"train small.yaml --set title=$'caf\xe9'"#,
        #"train small.yaml --set data.scratch=$'caf\xe9'"#, "train bytes.yaml",
        #"train small.yaml --run run/../../$'\xe9'"#,
    ])
    func namesOfWhatIsWrittenAreRefused(command: String) throws {
        let folder = try ScratchFolder()
        try folder.write(Self.small, to: "small.yaml")
        try folder.write(Self.small.replacing("method: rrq", with: #"title: "\U0010FEE9""#), to: "bytes.yaml")
        let prepared = try shell(
            #"cp small.yaml $'caf\xe9.yaml'; mkdir $'caf\xe9'; "$LLOYD" train small.yaml --run run"#, folder)
        #expect(prepared.status == 0, "\(prepared)")
        let before = try names(folder)
        let result = try shell("\"$LLOYD\" \(command)", folder)
        #expect(result.status == 2, "\(result)")
        #expect(result.standardError.contains(#"\xE9"#) && result.standardError.contains("UTF-8"), "\(result)")
        #expect(try names(folder) == before)
    }

    /// Data in such a folder, named on the command line; and the run's own config, which names them with escapes.
    @Test func dataAreRead() throws {
        let folder = try ScratchFolder()
        try BadInputTests.writeImages(to: folder, "images", count: 24)
        try folder.write("shards: 2\ndata: {source: images}\nrrq: {layers: 2, codewords: 4}\n", to: "images.yaml")
        let script = #"""
            mv images $'caf\xe9' && "$LLOYD" check $'caf\xe9' && "$LLOYD" check --threads 2 $'caf\xe9/100.png' &&
            "$LLOYD" measure $'caf\xe9' $'caf\xe9' &&
            "$LLOYD" train images.yaml --set data.path=$'caf\xe9' --run run &&
            "$LLOYD" train run/config.yaml --run again &&
            "$LLOYD" encode --model run $'caf\xe9/100.png' face.lloyd &&
            "$LLOYD" evaluate run --data $'caf\xe9' --json evaluation.json --keep kept &&
            "$LLOYD" train images.yaml --set data.path=$'caf\xe9' --run run --resume
            """#
        let result = try shell(script, folder)
        #expect(result.status == 0, "\(result)")
        #expect(try folder.bytes(of: "run/record.json") == folder.bytes(of: "again/record.json"))
        #expect(try folder.text(of: "evaluation.json").contains(#"24 images of caf\\xE9"#))
        #expect(try !names(folder).contains("M-tM-"))
    }

    /// The folder that the program is started in has such a name: what is named relative to it lies in it.
    @Test func aFolderAboveMayHaveSuchAName() throws {
        let folder = try ScratchFolder()
        try folder.write(Self.small, to: "small.yaml")
        let script = #"""
            mkdir $'caf\xe9' && cd $'caf\xe9' && "$LLOYD" train ../small.yaml --run run &&
            "$LLOYD" report run --out report && "$LLOYD" compare run run --out both &&
            test -f run/report/index.html && test -f report/index.html && test -f both/index.html
            """#
        let result = try shell(script, folder)
        #expect(result.status == 0, "\(result)")
        #expect(try shell("ls", folder).standardOutput.split(separator: "\n").count == 2)
        // Its full name cannot be resolved into text: refused, rather than another folder.
        let above = try shell(#"cd $'caf\xe9' && "$LLOYD" train ../small.yaml --run x/../new"#, folder)
        #expect(above.status != 0 && above.standardError.contains("UTF-8"), "\(above)")
        #expect(try shell("ls", folder).standardOutput.split(separator: "\n").count == 2)
    }

    /// Foundation ends a program that asks for the parent of a name of one character.
    @Test func namesOfOneCharacter() throws {
        let folder = try ScratchFolder()
        try folder.write(Self.small, to: "c")
        let script = #"""
            "$LLOYD" train c --run r && "$LLOYD" report r --out o && "$LLOYD" compare r r --out p &&
            "$LLOYD" export r --out x && "$LLOYD" evaluate r --keep k && "$LLOYD" check r --json j &&
            "$LLOYD" train c --run r/ --overwrite && "$LLOYD" train c
            """#
        let result = try shell(script, folder)
        #expect(result.status == 0, "\(result)")
    }
}
