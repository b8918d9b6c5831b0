/// Gathers points, in any order, into the buckets of a grid: exact count, extremes, mean, first and last of each.
public struct BucketAccumulator: Sendable {
    public let grid: BucketGrid
    var slots: [Slot]

    /// What is known of one bucket. `min … last` speak of the finite points.
    struct Slot: Sendable {
        var count: UInt32 = 0
        var nan: UInt32 = 0
        var positiveInfinity: UInt32 = 0
        var negativeInfinity: UInt32 = 0
        var min = Double.infinity
        var max = -Double.infinity
        var sum = 0.0
        var x0 = Double.infinity
        var x1 = -Double.infinity
        var first = Double.nan
        var firstX = Double.infinity
        var last = Double.nan
        var lastX = -Double.infinity
        var smoothed = Double.nan

        var finite: UInt32 { count - nan - positiveInfinity - negativeInfinity }

        /// Of points at equal x the one added last counts as the last.
        @inline(__always)
        mutating func add(_ value: Double, x: Double) {
            count += 1
            if x < x0 { x0 = x }
            if x > x1 { x1 = x }
            guard value.isFinite else { return addNonFinite(value) }
            sum += value
            if value < min { min = value }
            if value > max { max = value }
            if x < firstX { (firstX, first) = (x, value) }
            if x >= lastX { (lastX, last) = (x, value) }
        }

        private mutating func addNonFinite(_ value: Double) {
            if value.isNaN { nan += 1 } else if value > 0 { positiveInfinity += 1 } else { negativeInfinity += 1 }
        }
    }

    public init(_ grid: BucketGrid) {
        self.grid = grid
        slots = [Slot](repeating: Slot(), count: grid.count)
    }

    /// Adds a point inside the grid's range. Of points at equal x the one added last counts as the last.
    @inline(__always)
    public mutating func add(x: Double, value: Double) {
        let index = grid.index(x)
        slots.withUnsafeMutableBufferPointer { slots in
            (slots.baseAddress! + index).pointee.add(value, x: x)
        }
    }

    /// All points of the grid.
    public var points: Int { slots.reduce(0) { $0 + Int($1.count) } }

    /// The bucket that holds `x`, if any point is in it.
    func slot(at x: Double) -> Slot { slots[grid.index(x)] }

    /// The columns of the buckets that hold points. Made in one pass: a slot is read from memory once.
    public func columns() -> BucketColumns {
        let count = slots.reduce(0) { $0 + ($1.count > 0 ? 1 : 0) }
        let numbers = [Double](repeating: 0, count: count), counts = [UInt32](repeating: 0, count: count)
        var (x0, x1, min, max, mean, first, last) = (numbers, numbers, numbers, numbers, numbers, numbers, numbers)
        var (all, nan, positive, negative) = (counts, counts, counts, counts)
        var place = 0
        for slot in slots where slot.count > 0 {
            let finite = slot.finite
            (x0[place], x1[place], all[place]) = (slot.x0, slot.x1, slot.count)
            (min[place], max[place]) = finite > 0 ? (slot.min, slot.max) : (.nan, .nan)
            mean[place] = finite > 0 ? slot.sum / Double(finite) : .nan
            (first[place], last[place]) = (slot.first, slot.last)
            (nan[place], positive[place], negative[place]) = (slot.nan, slot.positiveInfinity, slot.negativeInfinity)
            place += 1
        }
        var columns = BucketColumns()
        (columns.x0, columns.x1, columns.pointCount, columns.min, columns.max, columns.mean) = (x0, x1, all, min, max, mean)
        (columns.first, columns.last, columns.nanCount) = (first, last, nan)
        (columns.positiveInfinityCount, columns.negativeInfinityCount) = (positive, negative)
        return columns
    }
}

extension BucketSeries {
    /// Takes the buckets and the totals over them.
    public mutating func take(_ accumulator: BucketAccumulator) {
        take(accumulator.columns(), of: accumulator.grid)
    }

    /// Takes finished columns and the totals over them.
    public mutating func take(_ finished: BucketColumns, of grid: BucketGrid) {
        columns = finished
        bucketCount = columns.count
        domain = [grid.low, grid.high]
        points = columns.pointCount!.reduce(0) { $0 + Int($1) }
        raw = points == bucketCount
        nan = columns.nanCount!.reduce(0) { $0 + Int($1) }
        positiveInfinity = columns.positiveInfinityCount!.reduce(0) { $0 + Int($1) }
        negativeInfinity = columns.negativeInfinityCount!.reduce(0) { $0 + Int($1) }
    }
}

extension BucketAccumulator {
    /// Adds a whole record to the bucket of its first point: bucket edges snap to records.
    /// - Parameter x0: x of its first point, `x1` of its last.
    public mutating func add(_ record: PyramidRecord, x0: Double, x1: Double) {
        slots[grid.index(x0)].add(record, x0: x0, x1: x1)
    }

    /// The places of the buckets' last points, in x order: there smoothed values are wanted.
    public func smoothedTargets() -> SmoothedTargets {
        SmoothedTargets(slots.indices.filter { slots[$0].count > 0 }.map { (slots[$0].x1, $0) }.sorted { $0.0 < $1.0 })
    }

    /// Takes the values that were noted.
    public mutating func take(_ targets: SmoothedTargets) { for target in targets.all { slots[target.slot].smoothed = target.value } }

    /// Fills in smoothed values by the x of each bucket's last point.
    public mutating func smooth(by value: (Double) -> Double) {
        for index in slots.indices where slots[index].count > 0 { slots[index].smoothed = value(slots[index].x1) }
    }

    /// The smoothed values of the buckets that hold points.
    public var smoothed: [Double] { slots.filter { $0.count > 0 }.map(\.smoothed) }
}

extension BucketAccumulator.Slot {
    mutating func add(_ record: PyramidRecord, x0: Double, x1: Double) {
        count += UInt32(truncatingIfNeeded: record.count)
        nan += UInt32(truncatingIfNeeded: record.nan)
        positiveInfinity += UInt32(truncatingIfNeeded: record.positiveInfinity)
        negativeInfinity += UInt32(truncatingIfNeeded: record.negativeInfinity)
        self.x0 = Swift.min(self.x0, x0)
        self.x1 = Swift.max(self.x1, x1)
        guard record.finite > 0 else { return }
        sum += record.sum
        min = Swift.min(min, record.min)
        max = Swift.max(max, record.max)
        if x0 < firstX { (firstX, first) = (x0, record.first) }
        if x1 >= lastX { (lastX, last) = (x1, record.last) }
    }
}

/// Smoothed values wanted at given places, noted while points pass by in x order. O(1) a point.
public struct SmoothedTargets: Sendable {
    fileprivate var all: [(x: Double, slot: Int, value: Double)]
    private var next = 0

    init(_ places: [(Double, Int)]) { all = places.map { ($0.0, $0.1, .nan) } }

    /// The smoothed value at `x`; of several points at one x the last stays.
    @inline(__always)
    public mutating func note(_ value: Double, x: Double) {
        while next < all.count, all[next].x < x { next += 1 }
        if next < all.count, all[next].x == x { all[next].value = value }
    }
}
