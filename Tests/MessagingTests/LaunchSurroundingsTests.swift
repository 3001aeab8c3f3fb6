import Foundation
import TestSupport
import Testing

/// Launch/lloyd with shells, clones and MPIs that are not like the developer's.
@Suite(.enabled(if: MPIRun.isAvailable, "mpirun is not installed"), .serialized)
struct LaunchSurroundingsTests {
    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        try scratch.write("echo trained \"$PWD\"\n", to: "train")
    }

    /// Runs a line of bash in the scratch folder, in which `lloyd train` prints its own path.
    private func shell(
        _ line: String, _ environment: [String: String] = [:], without missing: [String] = []
    ) throws -> ChildProcess.Result {
        var variables = MPIRun.childEnvironment(adding: ["LLOYD_PROGRAM": "/bin/bash"])
        for name in missing { variables[name] = nil }
        return try ChildProcess.run(
            "/bin/bash", arguments: ["-c", line], environment: variables.merging(environment) { $1 },
            folder: scratch.path)
    }

    private static var lloyd: String { LaunchScriptTests.root.path + "/Launch/lloyd" }

    private static let surroundings: [(name: String, variables: [String: String], missing: [String])] = [
        ("CDPATH", ["CDPATH": ".:/tmp:/"], []),
        ("no sbin", ["PATH": "/usr/bin:/bin"], []),
        ("no home", [:], ["HOME", "USER", "LOGNAME"]),
        ("no TMPDIR", [:], ["TMPDIR"]),
        ("a TMPDIR that is not there", ["TMPDIR": "/nowhere/at all"], []),
        ("a long TMPDIR", ["TMPDIR": "long"], []),
        ("plain locale", ["LC_ALL": "C", "LANG": "C"], ["LC_CTYPE"]),
        ("unknown locale", ["LC_ALL": "xx_YY.ISO-8859-15"], []),
        ("POSIX mode", ["POSIXLY_CORRECT": "1"], []),
        ("options of the user's shell", ["SHELLOPTS": "noclobber:noglob", "BASHOPTS": "failglob:nocasematch"], []),
        ("BASH_ENV", ["BASH_ENV": "startup"], []),
    ]

    @Test(arguments: surroundings.indices) func startsIn(index: Int) throws {
        let (name, given, missing) = Self.surroundings[index]
        var variables = given
        try scratch.write("IFS=-/\nset -u\n", to: "startup")
        if variables["BASH_ENV"] != nil { variables["BASH_ENV"] = scratch / "startup" }
        if variables["TMPDIR"] == "long" {
            variables["TMPDIR"] = scratch / String(repeating: "x", count: 140)
            try scratch.write("", to: String(repeating: "x", count: 140) + "/file")
        }
        try scratch.write("localhost slots=2\n", to: "hosts")
        for options in ["--ranks 2 --oversubscribe", "--hosts hosts --oversubscribe"] {
            let result = try shell("'\(Self.lloyd)' \(options) train", variables, without: missing)
            #expect(result.status == 0, "\(name): \(result)")
            #expect(
                result.standardOutput == "trained \(scratch.path)\ntrained \(scratch.path)\n", "\(name): \(result)")
        }
    }

    @Test func findsItsCloneByLinksAndRelativePaths() throws {
        let clone = scratch / "a 'clone'"
        try FileManager.default.createDirectory(atPath: clone + "/bin", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: LaunchScriptTests.root.path + "/Launch", toPath: clone + "/Launch")
        try FileManager.default.createSymbolicLink(atPath: clone + "/bin/go", withDestinationPath: "../Launch/lloyd")
        try FileManager.default.createSymbolicLink(atPath: scratch / "by another path", withDestinationPath: clone)
        for (line, shown) in [
            ("cd \"a 'clone'\" && Launch/lloyd --show train", "/bin/bash train"),
            ("cd \"a 'clone'/Launch\" && CDPATH=/ ./lloyd --show train", "/bin/bash train"),
            ("cd / && \"\(clone)/bin/go\" --show train", "/bin/bash train"),
        ] {
            let result = try shell(line)
            #expect(result.status == 0 && result.standardOutput.contains(shown), "\(line): \(result)")
        }
        // The path that the caller used is the one that other machines may know.
        let unbuilt = try shell(
            "cd / && '\(scratch.path)/by another path/Launch/lloyd' train", without: ["LLOYD_PROGRAM"])
        #expect(
            unbuilt.standardError.contains("there is no \(scratch.path)/by another path/.build/release/lloyd"),
            "\(unbuilt)")
    }

    @Test func startsTwoRanksFromAClonesPathWithABlank() throws {
        let clone = scratch / "a b'c"
        try FileManager.default.createDirectory(atPath: clone, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: LaunchScriptTests.root.path + "/Launch", toPath: clone + "/Launch")
        try scratch.write("localhost slots=2\n", to: "my hosts")
        let result = try shell(
            "\"\(clone)/Launch/lloyd\" --hosts 'my hosts' --oversubscribe --restarts 2 train --run 'a run'")
        #expect(result.status == 0, "\(result)")
        #expect(result.standardOutput == "trained \(scratch.path)\ntrained \(scratch.path)\n", "\(result)")
    }

    @Test(arguments: [
        ("HYDRA build details:\n    Version: 4.0.2", "another MPI (HYDRA build details:)"),
        ("Intel(R) MPI Library for Linux* OS, Version 2021.9", "another MPI (Intel(R) MPI Library"),
        ("mpirun (Open MPI) 3.1.3", "Open MPI 3.1.3 is too old"),
    ])
    func saysWhatIsWrongWithAnMpirun(report: String, problem: String) throws {
        let function = "() { echo '\(report)'; }"
        let result = try shell(
            "'\(Self.lloyd)' --ranks 2 --oversubscribe train",
            ["BASH_FUNC_mpirun%%": function, "BASH_FUNC_mpirun.openmpi%%": function])
        #expect(result.status == 1, "\(result)")
        #expect(result.standardError.contains(problem) && result.standardError.contains("Remedy:"), "\(result)")
        #expect(!result.standardOutput.contains("trained"))
    }

    /// Version 5 has another runtime, whose parameters have another option.
    @Test func speaksToBothGenerationsOfOpenMPI() throws {
        func shown(_ version: String) throws -> String {
            try shell(
                "'\(Self.lloyd)' --show --ranks 2 --oversubscribe train",
                ["BASH_FUNC_mpirun%%": "() { echo 'mpirun (Open MPI) \(version)'; }"]
            ).standardOutput
        }
        let four = try shown("4.1.4")
        #expect(four.contains(" --quiet ") && four.contains("--mca oob_tcp_keepalive_time 5"), "\(four)")
        for version in ["5.0.7", "6.0.0a1"] {
            let five = try shown(version)
            #expect(!five.contains("--quiet") && five.contains("--prtemca oob_tcp_keepalive_time 5"), "\(five)")
        }
    }

    /// The banners of version 5 about a failed job are removed; a rank's own output stays, rules and parts of lines included.
    @Test(arguments: [false, true]) func leavesOutTheBannersOfVersionFive(aMachineWasLost: Bool) throws {
        let rule = String(repeating: "-", count: 74)
        try scratch.write(
            """
            \(rule)
            prterun detected that one or more processes exited with non-zero status,
            thus causing the job to be terminated. The first process to do so was:

               Exit code:    3
            \(rule)
            lloyd: data.path: there is no such file
            \(aMachineWasLost ? " \(rule)\nPRTE has lost communication with a remote daemon.\n\(rule)\n" : "")\(rule)
            Your job failed to map.
            \(rule)
            [node1:07180] PRTE ERROR: A message is attempting to be sent
            the end
            """, to: "errors")
        let result = try shell(
            "source '\(LaunchScriptTests.root.path)/Launch/common.sh'; "
                + "source '\(LaunchScriptTests.root.path)/Launch/mpirun.sh'; verbose=no; watch_messages lost <errors")
        #expect(
            result.standardError == """
                lloyd: data.path: there is no such file
                \(rule)
                Your job failed to map.
                \(rule)
                the end

                """, "\(result)")
        // mpirun may end with 0 then.
        #expect(FileManager.default.fileExists(atPath: scratch / "lost") == aMachineWasLost)
    }
}
