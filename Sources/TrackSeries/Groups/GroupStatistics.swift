public import TrackModel

/// One curve of many: for each bucket of a common grid, statistics over the runs that have a value there.
///
/// A run's value in a bucket is its mean there; between two of its buckets it is interpolated, beyond its ends there is none. `min` and `max`
/// are over all points of all runs, so that no spike is lost.
public struct GroupStatistics: Sendable {
    public typealias Aggregate = SeriesQuery.Grouping.Aggregate
    public typealias Band = SeriesQuery.Grouping.Band

    private let aggregate: Aggregate
    private let band: Band
    private static let resamples = 400

    public init(aggregate: Aggregate, band: Band) { (self.aggregate, self.band) = (aggregate, band) }

    /// The group's columns, from each member's buckets; all members must share one grid. O(members × buckets), sorted where needed.
    public func columns(_ members: [BucketAccumulator]) -> BucketColumns {
        var columns = BucketColumns.empty
        guard let grid = members.first?.grid else { return columns }
        let curves = members.map(MemberCurve.init)
        for place in 0..<grid.count {
            let slots = members.map { $0.slots[place] }.filter { $0.count > 0 }
            if slots.isEmpty { continue }
            var total = slots[0]
            for slot in slots.dropFirst() { total.merge(slot) }
            let values = curves.compactMap { $0.values[place] }.sorted()
            columns.append(total)
            let center = value(of: values, low: total.min, high: total.max)
            columns.mean![columns.mean!.count - 1] = values.isEmpty ? .nan : center
            let (low, high) = values.isEmpty ? (.nan, .nan) : edges(values, center, low: total.min, high: total.max, seed: place)
            columns.low!.append(low)
            columns.high!.append(high)
            columns.runs!.append(UInt32(values.count))
        }
        if band == .none { (columns.low, columns.high) = (nil, nil) }
        return columns
    }

    private func value(of sorted: [Double], low: Double, high: Double) -> Double {
        switch aggregate {
        case .min: low.isFinite ? low : sorted.first ?? .nan
        case .max: high.isFinite ? high : sorted.last ?? .nan
        default: Self.center(sorted, aggregate)
        }
    }

    /// The centre of sorted values.
    static func center(_ sorted: [Double], _ aggregate: Aggregate) -> Double {
        switch aggregate {
        case .mean: return mean(sorted[...])
        case .median: return Quantiles.interpolated(sorted, 0.5)
        // Source: Agarwal et al., Deep Reinforcement Learning at the Edge of the Statistical Precipice (2021): a quarter is cut from each end.
        case .iqm: return mean(sorted[(sorted.count / 4)..<(sorted.count - sorted.count / 4)])
        case .min: return sorted.first ?? .nan
        case .max: return sorted.last ?? .nan
        }
    }

    private static func mean(_ values: ArraySlice<Double>) -> Double { values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count) }

    private func edges(_ sorted: [Double], _ center: Double, low: Double, high: Double, seed: Int) -> (Double, Double) {
        switch band {
        case .none: return (.nan, .nan)
        case .minmax: return (Swift.min(low, sorted[0]), Swift.max(high, sorted[sorted.count - 1]))
        case .std, .sem:
            let width = Self.deviation(sorted) / (band == .sem ? Double(sorted.count).squareRoot() : 1)
            return (center - width, center + width)
        case .ci: return interval(sorted, center, seed: seed)
        }
    }

    /// The sample standard deviation; 0 for a single value.
    static func deviation(_ values: [Double]) -> Double {
        guard values.count > 1 else { return 0 }
        let mean = mean(values[...])
        return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
    }

    /// The 95 % bootstrap interval of the centre, percentile method, with a fixed seed: the same data give the same band.
    /// Source: Efron and Tibshirani, *An Introduction to the Bootstrap* (1993), §13.
    private func interval(_ sorted: [Double], _ center: Double, seed: Int) -> (Double, Double) {
        guard sorted.count > 1 else { return (center, center) }
        var state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 | 1
        let needsOrder = aggregate == .median || aggregate == .iqm
        var centers = (0..<Self.resamples).map { _ in
            var sample = sorted.map { _ in
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return sorted[Int((state >> 11) % UInt64(sorted.count))]
            }
            if needsOrder || aggregate == .min || aggregate == .max { sample.sort() }
            return Self.center(sample, aggregate)
        }
        centers.sort()
        return (Quantiles.interpolated(centers, 0.025), Quantiles.interpolated(centers, 0.975))
    }
}

/// A member's value in each bucket.
private struct MemberCurve {
    private(set) var values: [Double?]

    init(_ accumulator: BucketAccumulator) {
        let slots = accumulator.slots
        values = slots.map { $0.finite > 0 ? $0.sum / Double($0.finite) : nil }
        let known = values.indices.filter { values[$0] != nil }
        for (left, right) in zip(known, known.dropFirst()) where right > left + 1 {
            for place in (left + 1)..<right {
                let share = Double(place - left) / Double(right - left)
                values[place] = values[left]! + share * (values[right]! - values[left]!)
            }
        }
    }
}

extension BucketAccumulator.Slot {
    /// Adds another run's bucket.
    mutating func merge(_ other: Self) {
        count += other.count
        nan += other.nan
        positiveInfinity += other.positiveInfinity
        negativeInfinity += other.negativeInfinity
        x0 = Swift.min(x0, other.x0)
        x1 = Swift.max(x1, other.x1)
        sum += other.sum
        min = Swift.min(min, other.min)
        max = Swift.max(max, other.max)
        if other.firstX < firstX { (firstX, first) = (other.firstX, other.first) }
        if other.lastX >= lastX { (lastX, last) = (other.lastX, other.last) }
    }
}

extension BucketColumns {
    /// Every column of a group, empty.
    static var empty: BucketColumns {
        var columns = BucketColumns()
        for column in columns.numbers where column.name != "smoothed" { columns[keyPath: column.path] = [] }
        for column in columns.counts { columns[keyPath: column.path] = [] }
        return columns
    }

    mutating func append(_ slot: BucketAccumulator.Slot) {
        x0!.append(slot.x0)
        x1!.append(slot.x1)
        pointCount!.append(slot.count)
        min!.append(slot.finite > 0 ? slot.min : .nan)
        max!.append(slot.finite > 0 ? slot.max : .nan)
        mean!.append(slot.finite > 0 ? slot.sum / Double(slot.finite) : .nan)
        first!.append(slot.first)
        last!.append(slot.last)
        nanCount!.append(slot.nan)
        positiveInfinityCount!.append(slot.positiveInfinity)
        negativeInfinityCount!.append(slot.negativeInfinity)
    }
}
