import Codec
import Datasets
import TestSupport
import Testing

@Suite struct PicturePairsTests {
    @Test func picturesOfOneNameBelongTogether() throws {
        let folder = try ScratchFolder()
        for name in ["one/b.ppm", "one/a.png", "two/a.ppm", "two/notes.txt", "three/c.png", "four/a.png", "four/a.ppm"]
        {
            try folder.write("", to: name)
        }
        let (one, two) = (folder.path + "/one", folder.path + "/two")
        #expect(
            try PicturePairs(originals: one, decoded: two + "/").pairs
                == [.init(name: "a", original: one + "/a.png", decoded: two + "/a.ppm")])
        #expect(try PicturePairs(originals: "x.png", decoded: "y.jpg").pairs.map(\.name) == ["y"])
        func problem(_ originals: String, _ decoded: String) -> String {
            do {
                _ = try PicturePairs(originals: folder.path + originals, decoded: folder.path + decoded)
                return "no error"
            } catch { return "\(error)" }
        }
        #expect(problem("/one", "/three").contains("c.png"))
        #expect(problem("/one", "/four").contains("holds no picture a.png"))
        #expect(problem("/none", "/two").contains("/none"))
        #expect(problem("/one", "").contains("no pictures"))
    }
}
