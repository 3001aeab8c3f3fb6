// A tile fills the register file: 12 codewords by 32 vectors take 24 of AVX-512's 32 registers, 6 by 16 take 12 of the
// 16 of AVX2. Fields instead of an array, because only named values stay in registers; two dimensions a turn of the
// loop, which won 3 to 7 % over one.

#if LLOYD_AVX512
    /// Scores of 12 codewords by 32 vectors, in registers.
    struct ScoreTile {
        static let codewords = 12
        static let vectors = 2 * Lanes.scalarCount
        var s0: ScorePair
        var s1: ScorePair
        var s2: ScorePair
        var s3: ScorePair
        var s4: ScorePair
        var s5: ScorePair
        var s6: ScorePair
        var s7: ScorePair
        var s8: ScorePair
        var s9: ScorePair
        var s10: ScorePair
        var s11: ScorePair

        /// Starts from -||c||^2 / 2 of each codeword.
        @inline(__always)
        init(biases: UnsafePointer<Float>) {
            s0 = ScorePair(repeating: biases[0])
            s1 = ScorePair(repeating: biases[1])
            s2 = ScorePair(repeating: biases[2])
            s3 = ScorePair(repeating: biases[3])
            s4 = ScorePair(repeating: biases[4])
            s5 = ScorePair(repeating: biases[5])
            s6 = ScorePair(repeating: biases[6])
            s7 = ScorePair(repeating: biases[7])
            s8 = ScorePair(repeating: biases[8])
            s9 = ScorePair(repeating: biases[9])
            s10 = ScorePair(repeating: biases[10])
            s11 = ScorePair(repeating: biases[11])
        }

        /// Continues from sums over earlier dimensions.
        @inline(__always)
        init(partial: UnsafePointer<Lanes>) {
            s0 = ScorePair(partial + 0)
            s1 = ScorePair(partial + 2)
            s2 = ScorePair(partial + 4)
            s3 = ScorePair(partial + 6)
            s4 = ScorePair(partial + 8)
            s5 = ScorePair(partial + 10)
            s6 = ScorePair(partial + 12)
            s7 = ScorePair(partial + 14)
            s8 = ScorePair(partial + 16)
            s9 = ScorePair(partial + 18)
            s10 = ScorePair(partial + 20)
            s11 = ScorePair(partial + 22)
        }

        @inline(__always)
        func store(_ partial: UnsafeMutablePointer<Lanes>) {
            s0.store(partial + 0)
            s1.store(partial + 2)
            s2.store(partial + 4)
            s3.store(partial + 6)
            s4.store(partial + 8)
            s5.store(partial + 10)
            s6.store(partial + 12)
            s7.store(partial + 14)
            s8.store(partial + 16)
            s9.store(partial + 18)
            s10.store(partial + 20)
            s11.store(partial + 22)
        }

        /// Adds `depth` dimensions of the packed panel and the packed codewords.
        @inline(__always)
        mutating func accumulate(panel: UnsafePointer<Lanes>, group: UnsafePointer<Float>, depth: Int) {
            var (vectors, values, remaining) = (panel, group, depth)
            while remaining >= 2 {
                do {
                    let (low, high) = (vectors[0], vectors[1])
                    s0.add(low, high, times: values[0])
                    s1.add(low, high, times: values[1])
                    s2.add(low, high, times: values[2])
                    s3.add(low, high, times: values[3])
                    s4.add(low, high, times: values[4])
                    s5.add(low, high, times: values[5])
                    s6.add(low, high, times: values[6])
                    s7.add(low, high, times: values[7])
                    s8.add(low, high, times: values[8])
                    s9.add(low, high, times: values[9])
                    s10.add(low, high, times: values[10])
                    s11.add(low, high, times: values[11])
                }
                do {
                    let (low, high) = (vectors[2], vectors[3])
                    s0.add(low, high, times: values[12])
                    s1.add(low, high, times: values[13])
                    s2.add(low, high, times: values[14])
                    s3.add(low, high, times: values[15])
                    s4.add(low, high, times: values[16])
                    s5.add(low, high, times: values[17])
                    s6.add(low, high, times: values[18])
                    s7.add(low, high, times: values[19])
                    s8.add(low, high, times: values[20])
                    s9.add(low, high, times: values[21])
                    s10.add(low, high, times: values[22])
                    s11.add(low, high, times: values[23])
                }
                vectors += 4
                values += 2 * Self.codewords
                remaining &-= 2
            }
            while remaining > 0 {
                let (low, high) = (vectors[0], vectors[1])
                s0.add(low, high, times: values[0])
                s1.add(low, high, times: values[1])
                s2.add(low, high, times: values[2])
                s3.add(low, high, times: values[3])
                s4.add(low, high, times: values[4])
                s5.add(low, high, times: values[5])
                s6.add(low, high, times: values[6])
                s7.add(low, high, times: values[7])
                s8.add(low, high, times: values[8])
                s9.add(low, high, times: values[9])
                s10.add(low, high, times: values[10])
                s11.add(low, high, times: values[11])
                vectors += 2
                values += Self.codewords
                remaining &-= 1
            }
        }

        @inline(__always)
        func update(_ best: inout BestPair, firstCodeword: Int32) {
            best.consider(s0, codeword: firstCodeword)
            best.consider(s1, codeword: firstCodeword &+ 1)
            best.consider(s2, codeword: firstCodeword &+ 2)
            best.consider(s3, codeword: firstCodeword &+ 3)
            best.consider(s4, codeword: firstCodeword &+ 4)
            best.consider(s5, codeword: firstCodeword &+ 5)
            best.consider(s6, codeword: firstCodeword &+ 6)
            best.consider(s7, codeword: firstCodeword &+ 7)
            best.consider(s8, codeword: firstCodeword &+ 8)
            best.consider(s9, codeword: firstCodeword &+ 9)
            best.consider(s10, codeword: firstCodeword &+ 10)
            best.consider(s11, codeword: firstCodeword &+ 11)
        }
    }
#else
    /// Scores of 6 codewords by 16 vectors, in registers.
    struct ScoreTile {
        static let codewords = 6
        static let vectors = 2 * Lanes.scalarCount
        var s0: ScorePair
        var s1: ScorePair
        var s2: ScorePair
        var s3: ScorePair
        var s4: ScorePair
        var s5: ScorePair

        /// Starts from -||c||^2 / 2 of each codeword.
        @inline(__always)
        init(biases: UnsafePointer<Float>) {
            s0 = ScorePair(repeating: biases[0])
            s1 = ScorePair(repeating: biases[1])
            s2 = ScorePair(repeating: biases[2])
            s3 = ScorePair(repeating: biases[3])
            s4 = ScorePair(repeating: biases[4])
            s5 = ScorePair(repeating: biases[5])
        }

        /// Continues from sums over earlier dimensions.
        @inline(__always)
        init(partial: UnsafePointer<Lanes>) {
            s0 = ScorePair(partial + 0)
            s1 = ScorePair(partial + 2)
            s2 = ScorePair(partial + 4)
            s3 = ScorePair(partial + 6)
            s4 = ScorePair(partial + 8)
            s5 = ScorePair(partial + 10)
        }

        @inline(__always)
        func store(_ partial: UnsafeMutablePointer<Lanes>) {
            s0.store(partial + 0)
            s1.store(partial + 2)
            s2.store(partial + 4)
            s3.store(partial + 6)
            s4.store(partial + 8)
            s5.store(partial + 10)
        }

        /// Adds `depth` dimensions of the packed panel and the packed codewords.
        @inline(__always)
        mutating func accumulate(panel: UnsafePointer<Lanes>, group: UnsafePointer<Float>, depth: Int) {
            var (vectors, values, remaining) = (panel, group, depth)
            while remaining >= 2 {
                do {
                    let (low, high) = (vectors[0], vectors[1])
                    s0.add(low, high, times: values[0])
                    s1.add(low, high, times: values[1])
                    s2.add(low, high, times: values[2])
                    s3.add(low, high, times: values[3])
                    s4.add(low, high, times: values[4])
                    s5.add(low, high, times: values[5])
                }
                do {
                    let (low, high) = (vectors[2], vectors[3])
                    s0.add(low, high, times: values[6])
                    s1.add(low, high, times: values[7])
                    s2.add(low, high, times: values[8])
                    s3.add(low, high, times: values[9])
                    s4.add(low, high, times: values[10])
                    s5.add(low, high, times: values[11])
                }
                vectors += 4
                values += 2 * Self.codewords
                remaining &-= 2
            }
            while remaining > 0 {
                let (low, high) = (vectors[0], vectors[1])
                s0.add(low, high, times: values[0])
                s1.add(low, high, times: values[1])
                s2.add(low, high, times: values[2])
                s3.add(low, high, times: values[3])
                s4.add(low, high, times: values[4])
                s5.add(low, high, times: values[5])
                vectors += 2
                values += Self.codewords
                remaining &-= 1
            }
        }

        @inline(__always)
        func update(_ best: inout BestPair, firstCodeword: Int32) {
            best.consider(s0, codeword: firstCodeword)
            best.consider(s1, codeword: firstCodeword &+ 1)
            best.consider(s2, codeword: firstCodeword &+ 2)
            best.consider(s3, codeword: firstCodeword &+ 3)
            best.consider(s4, codeword: firstCodeword &+ 4)
            best.consider(s5, codeword: firstCodeword &+ 5)
        }
    }
#endif
