/// The header of a .npy file: version 1, 2 or 3.
struct NumPyHeader: Equatable {
    /// The element type as NumPy writes it, such as "<f4".
    let descriptor: String
    let isFortran: Bool
    let shape: [Int]
    /// The byte at which the elements begin.
    let start: Int

    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    /// Reads the header at the start of `bytes`, the whole file; nothing is allocated only because the file says so.
    init(_ bytes: UnsafeRawBufferPointer, path: String) throws {
        func damaged(_ problem: String) -> LloydError {
            LloydError(path: path, problem: problem, remedy: "write it again with numpy.save")
        }
        guard bytes.count >= 10, bytes.prefix(6).elementsEqual(Self.magic) else {
            throw damaged(
                bytes.isEmpty ? "is empty" : bytes.count < 10 ? "is too short for a .npy file" : "is not a .npy file")
        }
        let version = Int(bytes[6])
        guard (1...3).contains(version) else { throw damaged("is a .npy file of the unknown version \(version)") }
        let lengthBytes = version == 1 ? 2 : 4
        guard bytes.count >= 8 + lengthBytes else { throw damaged("is cut short within its header") }
        let length = (0..<lengthBytes).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
        start = 8 + lengthBytes + length
        guard start <= bytes.count else {
            throw damaged("is cut short within its header: \(bytes.count) of \(start) bytes are there")
        }
        var parser = Parser(text: bytes[8 + lengthBytes..<start])
        guard let fields = parser.dictionary(), case .string(let descriptor)? = fields["descr"],
            case .flag(let isFortran)? = fields["fortran_order"], case .tuple(let shape)? = fields["shape"]
        else { throw damaged("has a .npy header that does not give one element type, the order and the shape") }
        self.descriptor = descriptor
        self.isFortran = isFortran
        self.shape = shape
    }

    /// Just enough of Python's literals for the one dictionary that stands in a header.
    private struct Parser {
        enum Value {
            case string(String)
            case flag(Bool)
            case tuple([Int])
        }

        var text: Slice<UnsafeRawBufferPointer>

        mutating func skipBlanks() {
            while let byte = text.first, byte == 0x20 || (0x09...0x0D).contains(byte) { text.removeFirst() }
        }

        mutating func take(_ word: String) -> Bool {
            skipBlanks()
            guard text.starts(with: word.utf8) else { return false }
            text.removeFirst(word.utf8.count)
            return true
        }

        mutating func dictionary() -> [String: Value]? {
            guard take("{") else { return nil }
            var fields: [String: Value] = [:]
            while !take("}") {
                guard let key = string(), take(":"), let value = value(), fields[key] == nil else { return nil }
                fields[key] = value
                guard take(",") || text.first == UInt8(ascii: "}") else { return nil }
            }
            skipBlanks()
            return text.isEmpty ? fields : nil
        }

        mutating func value() -> Value? {
            if let string = string() { return .string(string) }
            if take("True") { return .flag(true) }
            if take("False") { return .flag(false) }
            if take("[") { return structured() }
            guard take("(") else { return nil }
            var numbers: [Int] = []
            while !take(")") {
                guard numbers.count < 64, let number = number() else { return nil }
                numbers.append(number)
                guard take(",") || text.first == UInt8(ascii: ")") else { return nil }
            }
            return .tuple(numbers)
        }

        /// The fields of a structured type, as they stand there: not a plain number, but an error should show them.
        mutating func structured() -> Value? {
            var depth = 1
            var shown: [UInt8] = [UInt8(ascii: "[")]
            while depth > 0 {
                guard let byte = text.popFirst() else { return nil }
                shown.append(byte)
                if byte == UInt8(ascii: "[") { depth += 1 }
                if byte == UInt8(ascii: "]") { depth -= 1 }
            }
            return .string(String(decoding: shown, as: UTF8.self))
        }

        mutating func string() -> String? {
            skipBlanks()
            // Python 2 marked text, Python 3 marks bytes.
            if let mark = text.first, mark == UInt8(ascii: "u") || mark == UInt8(ascii: "b"),
                let quote = text.dropFirst().first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
            {
                text.removeFirst()
            }
            guard let quote = text.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
            guard let end = text.dropFirst().firstIndex(of: quote) else { return nil }
            let content = text[text.startIndex + 1..<end]
            guard content.allSatisfy({ $0 != UInt8(ascii: "\\") }) else { return nil }
            text = text[(end + 1)...]
            return String(decoding: content, as: UTF8.self)
        }

        mutating func number() -> Int? {
            skipBlanks()
            let digits = text.prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty, digits.count <= 18 else { return nil }
            text.removeFirst(digits.count)
            // Python 2 wrote long integers with an L, which NumPy still reads.
            if text.first == UInt8(ascii: "L") { text.removeFirst() }
            skipBlanks()
            return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
    }
}

/// The element types of a .npy file that can be read as numbers.
struct NumPyElement: Equatable {
    enum Kind: Character {
        case float = "f"
        case signed = "i"
        case unsigned = "u"
        case flag = "b"
    }

    let kind: Kind
    /// Bytes of an element.
    let size: Int
    let isBigEndian: Bool

    /// The other names that NumPy takes for these types, on machines of today.
    private static let codes = [
        "float16": "f2", "half": "f2", "e": "f2", "float32": "f4", "single": "f4", "f": "f4", "float64": "f8",
        "double": "f8", "float": "f8", "d": "f8", "int8": "i1", "byte": "i1", "b": "i1", "int16": "i2", "short": "i2",
        "h": "i2", "int32": "i4", "intc": "i4", "i": "i4", "int64": "i8", "int": "i8", "long": "i8", "longlong": "i8",
        "l": "i8", "q": "i8", "uint8": "u1", "ubyte": "u1", "B": "u1", "uint16": "u2", "ushort": "u2", "H": "u2",
        "uint32": "u4", "uintc": "u4", "I": "u4", "uint64": "u8", "uint": "u8", "L": "u8", "Q": "u8", "bool": "b1",
        "?": "b1",
    ]

    /// Nil for a type that is not a plain number (complex, text, dates, objects, long double).
    init?(descriptor: String) {
        var characters = Array(Self.codes[descriptor] ?? descriptor)
        guard characters.count >= 3 || (characters.count == 2 && !"<>|=".contains(characters[0])) else { return nil }
        isBigEndian = characters[0] == ">"
        if "<>|=".contains(characters[0]) { characters.removeFirst() }
        guard let kind = Kind(rawValue: characters[0]), let size = Int(String(characters[1...])) else { return nil }
        let sizes: [Int] =
            switch kind {
            case .float: [2, 4, 8]
            case .signed, .unsigned: [1, 2, 4, 8]
            case .flag: [1]
            }
        guard sizes.contains(size) else { return nil }
        self.kind = kind
        self.size = size
    }

    /// Writes `count` elements that begin at `source`, which need not be aligned, to `destination`.
    func convert(_ source: UnsafeRawPointer, count: Int, to destination: UnsafeMutablePointer<Float>) {
        func bits<Word: FixedWidthInteger & BitwiseCopyable>(_ index: Int, _ type: Word.Type) -> Word {
            let word = source.loadUnaligned(fromByteOffset: index * MemoryLayout<Word>.size, as: Word.self)
            return isBigEndian ? Word(bigEndian: word) : Word(littleEndian: word)
        }
        switch (kind, size) {
        case (.float, 4):
            for index in 0..<count { destination[index] = Float(bitPattern: bits(index, UInt32.self)) }
        case (.float, 8):
            for index in 0..<count { destination[index] = Float(Double(bitPattern: bits(index, UInt64.self))) }
        case (.float, _):
            for index in 0..<count { destination[index] = Float(half: bits(index, UInt16.self)) }
        case (.signed, 1): for index in 0..<count { destination[index] = Float(bits(index, Int8.self)) }
        case (.signed, 2): for index in 0..<count { destination[index] = Float(bits(index, Int16.self)) }
        case (.signed, 4): for index in 0..<count { destination[index] = Float(bits(index, Int32.self)) }
        case (.signed, _): for index in 0..<count { destination[index] = Float(bits(index, Int64.self)) }
        case (.unsigned, 1), (.flag, _): for index in 0..<count { destination[index] = Float(bits(index, UInt8.self)) }
        case (.unsigned, 2): for index in 0..<count { destination[index] = Float(bits(index, UInt16.self)) }
        case (.unsigned, 4): for index in 0..<count { destination[index] = Float(bits(index, UInt32.self)) }
        case (.unsigned, _): for index in 0..<count { destination[index] = Float(bits(index, UInt64.self)) }
        }
    }
}
