import Commands

LloydProgram.main(methods: [ProductQuantizer.self])
