import CodebookStudy
import Commands
import NVTC
import RRQ
import ToySources

// A method of one's own is one more name in this list.
LloydProgram.main(methods: [RRQMethod.self, CodebookStudyMethod.self, ToyStudyMethod.self, NVTCMethod.self])
