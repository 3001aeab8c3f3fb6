import ArgumentParser

/// A command of which standard output is the result; others leave files, and tell of their progress there.
public protocol PrintingCommand: ParsableCommand {}
