// What stands on this layer sees the one below it.
@_exported import Core
