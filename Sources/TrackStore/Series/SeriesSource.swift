import GRDB
import TrackModel
import TrackSeries

/// The points of one curve on its x axis, wherever they are stored.
struct SeriesSource {
    let series: VisibleSeries
    let axis: SeriesRequest.Axis
    let origins: TimeOrigins
    /// The metric that serves as x.
    let other: VisibleSeries?

    /// The least and the greatest x, and whether whole records may stand for their points.
    struct Extent {
        var low = Double.infinity
        var high = -Double.infinity
        var allowsRecords = true
        var isEmpty: Bool { low > high }

        mutating func include(_ x: Double) {
            low = min(low, x)
            high = max(high, x)
        }
    }

    var usesTimes: Bool { axis == .wall || axis == .relative || axis == .running }

    /// - Parameter origin: Where the attempt's time axis begins.
    @inline(__always)
    func x(step: Int64, time: Int64, since origin: Int64) -> Double { usesTimes ? Double(time &- origin) / 1e6 : Double(step) }

    /// x of a chunk's first and last point.
    func ends(of entry: ChunkEntry, in attempt: Int) -> (Double, Double) {
        let first = entry.records[0], last = entry.records[entry.records.count - 1], origin = origins[attempt]
        return (x(step: first.firstStep, time: first.firstTime, since: origin), x(step: last.lastStep, time: last.lastTime, since: origin))
    }

    /// Chunks among whose points others lie on this axis, by their groups: their records would tear buckets apart.
    func mixedChunks() -> Set<Int64> {
        if axis == .step, series.attempts.count(where: { !$0.elements.isEmpty }) < 2 { return [] }
        var stretches: [(low: Double, high: Double, group: Int64?)] = []
        for (attempt, element) in series.numbered {
            switch element {
            case .chunk(let entry):
                let (low, high) = ends(of: entry, in: attempt)
                stretches.append((low, high, entry.group))
            case .points(let points):
                let origin = origins[attempt], xs = points.steps.indices.lazy.map { x(step: points.steps[$0], time: points.times[$0], since: origin) }
                stretches.append((xs.min()!, xs.max()!, nil))
            }
        }
        stretches.sort { $0.low < $1.low }
        var mixed: Set<Int64> = [], furthest: (high: Double, group: Int64?) = (-.infinity, nil)
        for stretch in stretches {
            if stretch.low <= furthest.high {
                if let group = stretch.group { mixed.insert(group) }
                if let group = furthest.group { mixed.insert(group) }
            }
            if stretch.high >= furthest.high { furthest = (stretch.high, stretch.group) }
        }
        return mixed
    }

    func extent(_ db: Database) throws -> Extent {
        var extent = Extent()
        if other != nil {
            extent.allowsRecords = false
            try eachJoined(db) { x, _ in extent.include(x) }
            return extent
        }
        for (attempt, element) in series.numbered {
            let origin = origins[attempt]
            switch element {
            case .points(let points):
                if usesTimes { for time in points.times { extent.include(x(step: 0, time: time, since: origin)) } }
                else { extent.include(Double(points.steps[0])); extent.include(Double(points.steps[points.count - 1])) }
            case .chunk(let entry):
                if usesTimes, !entry.records.allSatisfy(\.timesAscend) {
                    extent.allowsRecords = false
                    for time in try ChunkTable.readPoints(metric: series.metric, group: entry.group, .times, db).times { extent.include(x(step: 0, time: time, since: origin)) }
                } else {
                    let (low, high) = ends(of: entry, in: attempt)
                    extent.include(low)
                    extent.include(high)
                }
            }
        }
        return extent
    }

    /// Every point, in step order within each attempt.
    @inline(__always)
    func eachPoint(_ db: Database, _ body: (Double, Double) throws -> Void) throws {
        if other != nil { return try eachJoined(db, body) }
        for (attempt, element) in series.numbered {
            let points: SeriesPoints, origin = origins[attempt]
            switch element {
            case .points(let loose): points = loose
            case .chunk(let entry): points = try ChunkTable.readPoints(metric: series.metric, group: entry.group, usesTimes ? .times : [], db)
            }
            for index in 0..<points.count { try body(x(step: points.steps[index], time: points.times[index], since: origin), points.values[index]) }
        }
    }

    /// Points at whose step the other metric has a finite value too: that value is x. Chunk by chunk, in constant memory.
    private func eachJoined(_ db: Database, _ body: (Double, Double) throws -> Void) throws {
        for (number, elements) in series.attempts {
            var xs = PointStream(metric: other!.metric, elements: other!.attempts.first { $0.number == number }?.elements ?? [])
            for element in elements {
                let points = try PointStream.points(of: element, metric: series.metric, db)
                for (step, value) in zip(points.steps, points.values) {
                    guard let x = try xs.value(at: step, db), x.isFinite else { continue }
                    try body(x, value)
                }
            }
        }
    }
}

/// Walks over one attempt's points, one chunk in memory at a time.
struct PointStream {
    let metric: Int64
    let elements: [VisibleSeries.Element]
    private var element = 0
    private var points = SeriesPoints()
    private var place = 0

    init(metric: Int64, elements: [VisibleSeries.Element]) { (self.metric, self.elements) = (metric, elements) }

    static func points(of element: VisibleSeries.Element, metric: Int64, _ db: Database) throws -> SeriesPoints {
        switch element {
        case .points(let points): points
        case .chunk(let entry): try ChunkTable.readPoints(metric: metric, group: entry.group, [], db)
        }
    }

    /// The value at a step, if there is one. Steps must ascend from call to call.
    mutating func value(at step: Int64, _ db: Database) throws -> Double? {
        while place >= points.count || points.steps[points.count - 1] < step {
            while element < elements.count, elements[element].lastStep < step { element += 1 }
            guard element < elements.count, elements[element].firstStep <= step else { return nil }
            points = try Self.points(of: elements[element], metric: metric, db)
            (place, element) = (0, element + 1)
        }
        while points.steps[place] < step { place += 1 }
        return points.steps[place] == step ? points.values[place] : nil
    }
}
