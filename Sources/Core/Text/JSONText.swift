/// JSON text for what is written without an encoder, because its bytes are part of a result.
///
///     let text = "{" + JSONText.quoted("a \"b\"") + ": 1}"   // {"a \"b\"": 1}
public enum JSONText {
    /// A JSON string in quotation marks: quotation marks, backslashes and controls are escaped, anything else stays.
    ///
    /// - Parameter short: whether line breaks and tabs are written as \n and \t, otherwise as \u000a and \u0009.
    public static func quoted(_ text: String, short: Bool = true) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n" where short: result += "\\n"
            case "\t" where short: result += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
