// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Foundation

private func terminalExample() {
    Terminal.prepare()                                     // first of all
    Terminal.say("Note: 3 files were left out")            // standard error, never fails
    Terminal.show("PSNR 32.1 dB")                          // standard output
    exit(Terminal.exitCode(after: 0))                      // 0, or what a broken standard output makes of it
}
