// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Datasets
import Foundation
import Messaging
import MethodKit
import Training

@testable import Commands

private func lloydProgramExample<MyMethod: MethodKit.Method>(_: MyMethod.Type) throws {
    LloydProgram.main(methods: [MyMethod.self])             // all of a program's main.swift
}
