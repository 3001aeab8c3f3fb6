import Core

/// Writes to standard output through the program's one writer, which no full disk and no reader that has gone can end.
/// It stands before Swift's function of this name, so that nothing in the program can go around it.
package func print(_ items: Any..., separator: String = " ", terminator: String = "\n") {
    Terminal.show(items.map { "\($0)" }.joined(separator: separator), terminator: terminator)
}
