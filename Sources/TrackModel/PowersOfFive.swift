/// The 128 leading bits of 5^q for q = −342 … 308, as Eisel and Lemire's conversion needs them.
///
/// Source: Lemire, *Number Parsing at a Gigabyte per Second* (2021), §5. They are computed once (under a millisecond) instead of being listed.
enum PowersOfFive {
    static let least = -342, greatest = 308

    /// High word, low word, for each power in turn. Allocated once and kept for the life of the process.
    nonisolated(unsafe) static let words: UnsafePointer<UInt64> = {
        let table = UnsafeMutablePointer<UInt64>.allocate(capacity: 2 * (greatest - least + 1))
        fillNegative(table)
        fillPositive(table)
        return UnsafePointer(table)
    }()

    /// 2^b / 5^n by dividing by five again and again: nested floors of whole divisions are exact.
    private static func fillNegative(_ table: UnsafeMutablePointer<UInt64>) {
        var quotient = [UInt32](repeating: 0, count: 64)       // 2048 bits: 128 remain below 5^342 < 2^795
        quotient[63] = 1 << 31
        for power in 1...(-least) {
            var remainder: UInt64 = 0
            for index in stride(from: 63, through: 0, by: -1) {
                let value = remainder << 32 | UInt64(quotient[index])
                quotient[index] = UInt32(value / 5)
                remainder = value % 5
            }
            var (high, low) = leadingBits(quotient)
            if power <= 27 {        // rounded up where the product must not fall short
                let (sum, overflow) = low.addingReportingOverflow(1)
                low = sum
                if overflow { high += 1 }
            }
            store(high, low, -power, table)
        }
    }

    private static func fillPositive(_ table: UnsafeMutablePointer<UInt64>) {
        var product = [UInt32](repeating: 0, count: 64)
        product[0] = 1
        for power in 0...greatest {
            let (high, low) = leadingBits(product)
            store(high, low, power, table)
            var carry: UInt64 = 0
            for index in product.indices {
                let value = UInt64(product[index]) * 5 + carry
                product[index] = UInt32(truncatingIfNeeded: value)
                carry = value >> 32
            }
        }
    }

    private static func store(_ high: UInt64, _ low: UInt64, _ power: Int, _ table: UnsafeMutablePointer<UInt64>) {
        table[2 * (power - least)] = high
        table[2 * (power - least) + 1] = low
    }

    /// The 128 bits from the greatest set one on, zeros behind a short number.
    private static func leadingBits(_ limbs: [UInt32]) -> (UInt64, UInt64) {
        guard let top = limbs.lastIndex(where: { $0 != 0 }) else { return (0, 0) }
        let zeros = limbs[top].leadingZeroBitCount
        func limb(_ index: Int) -> UInt32 { index < 0 ? 0 : limbs[index] }
        func shifted(_ index: Int) -> UInt64 {
            zeros == 0 ? UInt64(limb(index)) : UInt64(limb(index) << UInt32(zeros) | limb(index - 1) >> UInt32(32 - zeros))
        }
        return (shifted(top) << 32 | shifted(top - 1), shifted(top - 2) << 32 | shifted(top - 3))
    }
}
