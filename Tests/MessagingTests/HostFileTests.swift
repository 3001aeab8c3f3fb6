import Foundation
import TestSupport
import Testing

/// How Launch/lloyd reads a host file: as Open MPI does, or with an error that names the line.
@Suite(.enabled(if: MPIRun.isAvailable, "mpirun is not installed"), .serialized)
struct HostFileTests {
    private func launch(_ hosts: Data, _ options: [String]) throws -> ChildProcess.Result {
        let scratch = try ScratchFolder()
        try scratch.write(hosts, to: "hosts")
        return try ChildProcess.run(
            LaunchScriptTests.root.path + "/Launch/lloyd",
            arguments: ["--show", "--hosts", "hosts"] + options + ["train"],
            environment: MPIRun.childEnvironment(adding: ["LLOYD_PROGRAM": "/bin/bash"]), folder: scratch.path)
    }

    @Test(arguments: [
        ("# two machines\nnode01 slots=4\nnode02 slots=3 # a small one\n", 7),
        ("node01 slots=4\r\nnode02 slots=3\r\n", 7),
        ("\u{feff}node01 slots=4\nnode02 slots=3", 7),
        ("node01 slots = 4\n\tnode02\tslots\t=3\t\n\n", 7),
        ("node01 max_slots=9 slots=4\nnode02 slots=3 max-slots=3 // the end\n", 7),
        ("node01 count=4\nnode02 cpu=3\n", 7),
        ("/* two\n   machines */ node01 slots=4\nnode02 slots=3 /* a small one */", 7),
        ("me@node01 slots=4\nnode02 slots=3 username=me\n", 7),
        ("10.0.0.1 slots=04\nnode02.example.org slots=3\n", 7),
        ("node01 slots=4 # slots=5\n#node02 slots=3\n", 4),
    ])
    func countsTheSlots(text: String, slots: Int) throws {
        let all = try launch(Data(text.utf8), [])
        #expect(all.standardOutput.contains(" -n \(slots) "), "\(all)")
        // A rank of two threads takes two slots of a machine: one of three takes one.
        let pairs = try launch(Data(text.utf8), ["--threads", "2"])
        #expect(pairs.standardOutput.contains(" -n \(slots == 7 ? 3 : 2) "), "\(pairs)")
        let tooMany = try launch(Data(text.utf8), ["--ranks", "8"])
        #expect(tooMany.status == 2 && tooMany.standardError.contains("take \(slots)"), "\(tooMany)")
    }

    @Test(arguments: [
        ("node01\n", "line 1: node01 has no slots"),
        ("node01 max_slots=2\n", "line 1: node01 has no slots"),
        ("node01 slots=4\n\nnode01 slots=4\n", "line 3: node01 was named before, in line 1"),
        ("node01 slots=4\nme@node01 slots=4\n", "line 2: me@node01 was named before, in line 1"),
        ("node01 slots=2 slots=2\n", "node01 has its slots twice"),
        ("node01 slots=4 max_slots=2\n", "max_slots=2 is less than slots=4"),
        ("node01 slots=0\n", "slots=0 is not a number of cores"),
        ("node01 slots=-1\n", "slots=-1 is not a number of cores"),
        ("node01 slots=1e3\n", "slots=1e3 is not a number of cores"),
        ("node01 slots=99999999999999999999\n", "is not a number of cores"),
        ("node01 slots=\n", "slots= is not a number of cores"),
        ("node01 cores=4\n", "cores=4 is unknown"),
        ("node01 4\n", "4 is unknown"),
        ("node01:4\n", "node01:4 is not the name of a machine"),
        ("fe80::1 slots=4\n", "IPv6"),
        ("[::1] slots=4\n", "IPv6"),
        ("n\u{f6}de slots=4\n", "n??de is not the name of a machine"),
        ("-oProxyCommand=x slots=4\n", "is not the name of a machine"),
        ("node/../01 slots=4\n", "is not the name of a machine"),
        ("node01 slots=4 /* open\n", "has no */"),
        ("# nobody\n", "names no machine"),
        ("", "names no machine"),
    ])
    func saysWhatIsWrong(text: String, problem: String) throws {
        let result = try launch(Data(text.utf8), [])
        #expect(result.status == 2, "\(result)")
        #expect(result.standardError.contains("hosts"), "\(result)")
        #expect(result.standardError.contains(problem) && result.standardError.contains("Remedy:"), "\(result)")
    }

    @Test func namesAFileOfAnotherEncoding() throws {
        let result = try launch("node01 slots=4\n".data(using: .utf16)!, [])
        #expect(result.status == 2 && result.standardError.contains("UTF-16"), "\(result)")
    }

    @Test func aRankAloneOnThisMachineNeedsNoMpirun() throws {
        let result = try launch(Data("localhost slots=1 max_slots=2\n".utf8), [])
        #expect(result.standardOutput == "/bin/bash train \n", "\(result)")
    }
}
