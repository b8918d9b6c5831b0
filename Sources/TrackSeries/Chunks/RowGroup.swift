public import TrackModel

/// Consecutive rows of one attempt, in columns: ascending steps, each once. What a row group and its chunks hold.
public struct RowGroup: Sendable {
    /// Rows that a group should have: large enough that blobs fill their pages, small enough to rewrite for one late step.
    public static let size = 4_096
    /// Rows that one may have, so that a few too many make no group of their own, which the next rows would have to be added to.
    static let mostRows = size + size / 4

    public var steps: [Int64] = []
    /// Microseconds since 1970.
    public var times: [Int64] = []
    public var columns: [Int64: Column] = [:]

    public struct Column: Sendable {
        /// The rows that have a value, ascending; `nil` means all.
        public var rows: [Int32]?
        public var values: [Double] = []

        public init(rows: [Int32]? = nil, values: [Double] = []) { (self.rows, self.values) = (rows, values) }
    }

    public init() {}

    public init(steps: [Int64], times: [Int64], columns: [Int64: Column] = [:]) { (self.steps, self.times, self.columns) = (steps, times, columns) }

    public var count: Int { steps.count }

    /// The points of one column.
    public func points(of metric: Int64) -> SeriesPoints? {
        columns[metric].map { column in
            guard let rows = column.rows else { return SeriesPoints(steps: steps, times: times, values: column.values) }
            return SeriesPoints(steps: rows.map { steps[Int($0)] }, times: rows.map { times[Int($0)] }, values: column.values)
        }
    }

    /// The rows of `range` as a group of their own.
    public func slice(_ range: Range<Int>) -> RowGroup {
        if range == 0..<count { return self }
        var group = RowGroup(steps: Array(steps[range]), times: Array(times[range]))
        for (metric, column) in columns {
            guard let rows = column.rows else {
                group.columns[metric] = Column(values: Array(column.values[range]))
                continue
            }
            let low = rows.partitioningIndex { Int($0) >= range.lowerBound }, high = rows.partitioningIndex { Int($0) >= range.upperBound }
            if low < high {
                let shifted = rows[low..<high].map { $0 - Int32(range.lowerBound) }
                group.columns[metric] = Column(rows: shifted.count == range.count ? nil : shifted, values: Array(column.values[low..<high]))
            }
        }
        return group
    }

    /// Groups of ``size`` rows, of which the last may have less or a little more when rows only follow (`appending`); else groups of equal size.
    public func cut(appending: Bool) -> [RowGroup] {
        if count <= (appending ? Self.mostRows : 2 * Self.size) { return [self] }
        let parts = appending ? (count - Self.mostRows + Self.size - 1) / Self.size + 1 : (count + Self.size - 1) / Self.size
        let length = appending ? Self.size : (count + parts - 1) / parts
        return (0..<parts).map { slice($0 * length..<($0 == parts - 1 ? count : ($0 + 1) * length)) }
    }
}

/// Brings batches and groups together into one group: rows sorted by step, of repeated (step, metric) the last added stays.
public struct RowMerger {
    private var steps: [Int64] = []
    private var times: [Int64] = []
    private var columns: [Gathered] = []
    private var isAscending = true
    /// Where columns stand, by their ids.
    private var places: [Int64: Int] = [:]
    /// The same for those of the last batch: the next has the same.
    private var last: (metrics: [Int64], places: [Int]) = ([], [])
    private let expected: Int

    private struct Gathered {
        let metric: Int64
        /// `nil` while each of the first rows has a value.
        var rows: [Int32]?
        var values: [Double] = []

        /// Adds values of rows that begin at `base`; `places` are theirs among these, `nil` means all.
        mutating func add(_ new: UnsafeBufferPointer<Double>, at base: Int, _ places: [Int32]?) {
            if rows == nil, places != nil || values.count != base { rows = Array(0..<Int32(values.count)) }
            if let places { rows!.append(contentsOf: places.lazy.map { Int32(base) + $0 }) }
            else if rows != nil { rows!.append(contentsOf: Int32(base)..<Int32(base + new.count)) }
            values.append(contentsOf: new)
        }
    }

    /// - Parameter expected: So many rows are likely to come.
    public init(expecting expected: Int = 0) {
        self.expected = expected
        steps.reserveCapacity(expected)
        times.reserveCapacity(expected)
    }

    public var count: Int { steps.count }

    /// Adds a batch; `metrics` are the ids of its columns, in their order.
    public mutating func add(_ batch: EncodedBatch, metrics: [Int64]) {
        let base = steps.count
        batch.withSteps { add(steps: $0) }
        batch.withTimes { times.append(contentsOf: $0) }
        let isFirst = columns.isEmpty, places = places(of: metrics)
        if isFirst { reserve() }
        for (index, column) in batch.columns.enumerated() where column.valueCount > 0 {
            var rows: [Int32]?
            if let presence = batch.presence(column) {
                rows = []
                presence.forEachRow { rows!.append(Int32($0)) }
            }
            batch.withValues(column) { columns[places[index]].add($0, at: base, rows) }
        }
    }

    /// Room for the columns of the first batch: they are likely to have a value in every row, as long as they are not many.
    private mutating func reserve() {
        guard columns.count * expected <= Self.mostReserved else { return }
        for index in columns.indices { columns[index].values.reserveCapacity(expected) }
    }

    private static let mostReserved = 1 << 20

    private mutating func places(of metrics: [Int64]) -> [Int] {
        if metrics == last.metrics { return last.places }
        last = (metrics, metrics.map { place(of: $0) })
        return last.places
    }

    private mutating func place(of metric: Int64) -> Int {
        if let place = places[metric] { return place }
        columns.append(Gathered(metric: metric))
        places[metric] = columns.count - 1
        return columns.count - 1
    }

    public mutating func add(_ group: RowGroup) {
        let base = steps.count
        group.steps.withUnsafeBufferPointer { add(steps: $0) }
        times.append(contentsOf: group.times)
        for (metric, column) in group.columns {
            let place = place(of: metric)
            column.values.withUnsafeBufferPointer { columns[place].add($0, at: base, column.rows) }
        }
    }

    private mutating func add(steps new: UnsafeBufferPointer<Int64>) {
        var last = steps.last
        for step in new {
            if let last, step <= last { isAscending = false }
            last = step
        }
        steps.append(contentsOf: new)
    }

    /// The merged group. O(n) when all came in order, else O(n log n).
    public func merged() -> RowGroup {
        let place = isAscending ? nil : mergedRows()
        var group = RowGroup(steps: steps, times: times)
        if let place { (group.steps, group.times) = unique(place) }
        for gathered in columns where !gathered.values.isEmpty {
            if place == nil, gathered.rows == nil, gathered.values.count == group.count {
                group.columns[gathered.metric] = RowGroup.Column(values: gathered.values)
                continue
            }
            var rows = gathered.rows ?? Array(0..<Int32(gathered.values.count)), values = gathered.values
            if let place { (rows, values) = settled(rows.map { place[Int($0)] }, values) }
            group.columns[gathered.metric] = RowGroup.Column(rows: rows.count == group.count ? nil : rows, values: values)
        }
        return group
    }

    /// For each row as it came, its row in the merged group.
    private func mergedRows() -> [Int32] {
        let order = steps.indices.sorted { (steps[$0], $0) < (steps[$1], $1) }
        var places = [Int32](repeating: 0, count: steps.count), row: Int32 = -1, last: Int64?
        for index in order {
            if steps[index] != last { row += 1; last = steps[index] }
            places[index] = row
        }
        return places
    }

    private func unique(_ place: [Int32]) -> ([Int64], [Int64]) {
        let count = Int(place.max()!) + 1
        var uniqueSteps = [Int64](repeating: 0, count: count), uniqueTimes = uniqueSteps
        for (index, row) in place.enumerated() { (uniqueSteps[Int(row)], uniqueTimes[Int(row)]) = (steps[index], times[index]) }
        return (uniqueSteps, uniqueTimes)
    }

    private func settled(_ rows: [Int32], _ values: [Double]) -> ([Int32], [Double]) {
        if zip(rows, rows.dropFirst()).allSatisfy({ $0 < $1 }) { return (rows, values) }
        let order = rows.indices.sorted { (rows[$0], $0) < (rows[$1], $1) }
        var settledRows: [Int32] = [], settledValues: [Double] = []
        for index in order {
            if settledRows.last == rows[index] { settledValues[settledValues.count - 1] = values[index]; continue }
            settledRows.append(rows[index])
            settledValues.append(values[index])
        }
        return (settledRows, settledValues)
    }
}
