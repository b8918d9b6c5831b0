/// Decimal digits to the nearest Double, bit-equal to `strtod`.
///
/// Sources: Clinger, *How to Read Floating Point Numbers Accurately* (1990), for the exact small cases; Lemire, *Number Parsing at a
/// Gigabyte per Second* (2021), for the rest up to 19 digits.
enum DecimalToDouble {
    private static let exactPowersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    /// mantissa · 10^exponent, correctly rounded; `nil` where a slower way must decide (subnormals and a few ties).
    @inline(__always)
    static func convert(mantissa: UInt64, exponent: Int) -> Double? {
        if mantissa <= 1 << 53, exponent >= -22, exponent <= 22 {
            let value = Double(mantissa)
            return exponent < 0 ? value / exactPowersOfTen[-exponent] : value * exactPowersOfTen[exponent]
        }
        return eiselLemire(mantissa, exponent)
    }

    private static func eiselLemire(_ mantissa: UInt64, _ exponent: Int) -> Double? {
        if mantissa == 0 || exponent < PowersOfFive.least { return 0 }
        if exponent > PowersOfFive.greatest { return .infinity }
        let zeros = mantissa.leadingZeroBitCount
        let product = approximateProduct(mantissa << UInt64(zeros), exponent)
        if product.low == .max, exponent < -27 || exponent > 55 { return nil }
        let upper = Int(product.high >> 63), shift = UInt64(upper + 64 - 52 - 3)
        var bits = product.high >> shift
        var power = ((152_170 + 65_536) * exponent) >> 16 + 63 + upper - zeros + 1023
        if power <= 0 { return nil }
        if product.low <= 1, exponent >= -4, exponent <= 23, bits & 3 == 1, bits << shift == product.high { bits &= ~1 }   // a tie goes to even
        bits = (bits + bits & 1) >> 1
        if bits >= 1 << 53 { (bits, power) = (1 << 52, power + 1) }
        if power >= 0x7FF { return .infinity }
        return Double(bitPattern: bits & ~(1 << 52) | UInt64(power) << 52)
    }

    /// The upper 128 bits of digits × 5^exponent, exact enough to round 53 bits.
    private static func approximateProduct(_ digits: UInt64, _ exponent: Int) -> (high: UInt64, low: UInt64) {
        let entry = PowersOfFive.words + 2 * (exponent - PowersOfFive.least)
        var (high, low) = digits.multipliedFullWidth(by: entry[0])
        if high & (UInt64.max >> 55) == UInt64.max >> 55 {
            let second = digits.multipliedFullWidth(by: entry[1])
            let (sum, overflow) = low.addingReportingOverflow(second.high)
            low = sum
            if overflow { high += 1 }
        }
        return (high, low)
    }
}
