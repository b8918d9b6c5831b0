/// How long `log` kept its callers, from the first calls and then every sixteenth: counts in bins that are an eighth of an octave wide.
struct LatencyMeter: Sendable {
    private var bins = [UInt64](repeating: 0, count: 33 * 8)
    private(set) var samples = 0

    mutating func add(nanoseconds: Int64) {
        samples += 1
        bins[Self.bin(UInt64(max(1, nanoseconds)))] += 1
    }

    private static func bin(_ value: UInt64) -> Int {
        let octave = 63 - value.leadingZeroBitCount
        let eighth = octave >= 3 ? Int(value >> UInt64(octave - 3)) & 7 : Int(value << UInt64(3 - octave)) & 7
        return min(octave, 32) * 8 + eighth
    }

    /// The upper edge of the bin that holds the quantile, in microseconds; 0 without samples. Right to an eighth.
    func quantile_us(_ quantile: Double) -> Double {
        var rest = Int((Double(samples) * quantile).rounded(.up))
        for (index, count) in bins.enumerated() where count > 0 {
            rest -= Int(count)
            if rest <= 0 { return Double(1 << (index / 8)) * (1 + Double(index % 8 + 1) / 8) / 1_000 }
        }
        return 0
    }
}
