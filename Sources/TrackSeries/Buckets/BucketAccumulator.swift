/// Gathers points, in any order, into the buckets of a grid: exact count, extremes, mean, first and last of each.
public struct BucketAccumulator: Sendable {
    public let grid: BucketGrid
    private var slots: [Slot]

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

        var finite: UInt32 { count - nan - positiveInfinity - negativeInfinity }

        mutating func addNonFinite(_ value: Double) {
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
            let slot = slots.baseAddress! + index
            slot.pointee.count += 1
            if x < slot.pointee.x0 { slot.pointee.x0 = x }
            if x > slot.pointee.x1 { slot.pointee.x1 = x }
            guard value.isFinite else { slot.pointee.addNonFinite(value); return }
            slot.pointee.sum += value
            if value < slot.pointee.min { slot.pointee.min = value }
            if value > slot.pointee.max { slot.pointee.max = value }
            if x < slot.pointee.firstX { (slot.pointee.firstX, slot.pointee.first) = (x, value) }
            if x >= slot.pointee.lastX { (slot.pointee.lastX, slot.pointee.last) = (x, value) }
        }
    }

    /// All points of the grid.
    public var points: Int { slots.reduce(0) { $0 + Int($1.count) } }

    /// The bucket that holds `x`, if any point is in it.
    func slot(at x: Double) -> Slot { slots[grid.index(x)] }

    /// The columns of the buckets that hold points.
    public func columns() -> BucketColumns {
        let filled = slots.filter { $0.count > 0 }
        var columns = BucketColumns()
        columns.x0 = filled.map(\.x0)
        columns.x1 = filled.map(\.x1)
        columns.pointCount = filled.map(\.count)
        columns.min = filled.map { $0.finite > 0 ? $0.min : .nan }
        columns.max = filled.map { $0.finite > 0 ? $0.max : .nan }
        columns.mean = filled.map { $0.finite > 0 ? $0.sum / Double($0.finite) : .nan }
        columns.first = filled.map(\.first)
        columns.last = filled.map(\.last)
        columns.nanCount = filled.map(\.nan)
        columns.positiveInfinityCount = filled.map(\.positiveInfinity)
        columns.negativeInfinityCount = filled.map(\.negativeInfinity)
        return columns
    }
}

extension BucketSeries {
    /// Takes the buckets and the totals over them.
    public mutating func take(_ accumulator: BucketAccumulator) {
        columns = accumulator.columns()
        bucketCount = columns.count
        domain = [accumulator.grid.low, accumulator.grid.high]
        points = accumulator.points
        raw = points == bucketCount
        nan = columns.nanCount!.reduce(0) { $0 + Int($1) }
        positiveInfinity = columns.positiveInfinityCount!.reduce(0) { $0 + Int($1) }
        negativeInfinity = columns.negativeInfinityCount!.reduce(0) { $0 + Int($1) }
    }
}
