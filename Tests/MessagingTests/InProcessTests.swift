import Testing

@testable import Messaging

@Suite struct InProcessTests {
    @Test(arguments: [1, 2, 3, 7])
    func gathersOneValuePerMember(size: Int) throws {
        let results = try InProcessCommunicator.run(size: size) { try $0.allGather(value: Int64($0.rank)) }
        #expect(results == Array(repeating: (0..<size).map(Int64.init), count: size))
    }
}
