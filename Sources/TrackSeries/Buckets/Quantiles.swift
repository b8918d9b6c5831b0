/// Quantiles of many values: exact up to a million, beyond that within 2⁻¹⁸ of their range.
public struct Quantiles: Sendable {
    /// Values that are kept as they are.
    public static let exactCount = 1_000_000
    private static let binCount = 1 << 18

    private let low: Double
    private let high: Double
    private var values: [Double] = []
    private var bins: [UInt32] = []
    private var count = 0

    /// - Parameter expected: How many values will come at most; decides whether they are kept or counted in bins.
    /// - Parameter range: The least and greatest finite value.
    public init(expected: Int, range: ClosedRange<Double>) {
        (low, high) = (range.lowerBound, range.upperBound)
        if expected > Self.exactCount { bins = [UInt32](repeating: 0, count: Self.binCount) } else { values.reserveCapacity(expected) }
    }

    /// Adds a value; non-finite ones are skipped.
    @inline(__always)
    public mutating func add(_ value: Double) {
        guard value.isFinite else { return }
        count += 1
        if bins.isEmpty { values.append(value); return }
        let place = high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) * Double(Self.binCount) : 0     // halves, so that nothing overflows
        bins[Swift.min(Swift.max(Int(place), 0), Self.binCount - 1)] += 1
    }

    /// The values below which these percentages lie, linearly interpolated between neighbours; NaN when there are none.
    public mutating func percentiles(_ wanted: [Double]) -> [Double] {
        if count == 0 { return wanted.map { _ in .nan } }
        if bins.isEmpty {
            values.sort()
            return wanted.map { Self.interpolated(values, $0 / 100) }
        }
        return wanted.map(binned)
    }

    /// The quantile of sorted values. Source: Hyndman and Fan, *Sample Quantiles* (1996), definition 7.
    public static func interpolated(_ sorted: [Double], _ fraction: Double) -> Double {
        if sorted.isEmpty { return .nan }
        let place = fraction * Double(sorted.count - 1), index = Swift.min(Int(place), sorted.count - 1)
        let next = Swift.min(index + 1, sorted.count - 1)
        return between(sorted[index], sorted[next], place - Double(index))
    }

    /// A part of the way from one number to another, also if their difference is no number.
    private static func between(_ low: Double, _ high: Double, _ part: Double) -> Double {
        (high - low).isFinite ? low + part * (high - low) : low * (1 - part) + high * part
    }

    private func binned(_ percent: Double) -> Double {
        let rank = percent / 100 * Double(count - 1)
        var before = 0
        for (index, bin) in bins.enumerated() where bin > 0 {
            if rank < Double(before + Int(bin)) {
                return Self.between(low, high, (Double(index) + (rank - Double(before) + 0.5) / Double(bin)) / Double(Self.binCount))
            }
            before += Int(bin)
        }
        return high
    }
}
