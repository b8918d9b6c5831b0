import GRDB
import TrackModel
import TrackSeries

/// One series as a reader may see it: chunks and loose points in step order, nothing hidden, nothing twice.
struct VisibleSeries {
    /// Consecutive points of one attempt: a whole chunk, or points that had to be put together.
    enum Element {
        case chunk(ChunkEntry)
        case points(SeriesPoints)

        var firstStep: Int64 { switch self { case .chunk(let entry): entry.firstStep; case .points(let points): points.steps[0] } }
        var lastStep: Int64 { switch self { case .chunk(let entry): entry.lastStep; case .points(let points): points.steps[points.count - 1] } }
        var count: Int { switch self { case .chunk(let entry): entry.points; case .points(let points): points.count } }
    }

    let metric: Int64
    /// For each attempt, oldest first; within an attempt in step order.
    private(set) var attempts: [(number: Int, elements: [Element])] = []
    /// The greatest batch that is in here.
    let lastBatch: Int64

    var elements: some Sequence<Element> { attempts.lazy.flatMap(\.elements) }
    /// With the number of its attempt.
    var numbered: some Sequence<(attempt: Int, element: Element)> { attempts.lazy.flatMap { attempt in attempt.elements.lazy.map { (attempt.number, $0) } } }
    var isEmpty: Bool { attempts.allSatisfy(\.elements.isEmpty) }

    /// - Parameter steps: Which steps will be read: pages outside stay unread, but for each attempt's first and last.
    /// - Throws: ``StoreError/damaged(_:)``
    init(_ history: RunHistory, name: String, metric: Int64, steps: ClosedRange<Int64>? = nil, _ db: Database) throws {
        self.metric = metric
        lastBatch = history.tail.last?.id ?? history.foldedBatch
        var tail = try history.tailPoints(of: name, db)
        for attempt in history.attempts {
            let hidden = attempt.hiddenFrom ?? .max
            var points = tail.removeValue(forKey: attempt.number) ?? SeriesPoints()
            if attempt.hiddenFrom != nil { points.cut(below: hidden) }
            let entries = try Self.entries(metric, attempt.number, steps, db).filter { $0.firstStep < hidden || attempt.hiddenFrom == nil }
            attempts.append((attempt.number, try Self.weave(entries, points, hidden: attempt.hiddenFrom, metric, db)))
        }
    }

    private static func entries(_ metric: Int64, _ attempt: Int, _ steps: ClosedRange<Int64>?, _ db: Database) throws -> [ChunkEntry] {
        let table = PyramidTable(metric: metric, attempt: attempt), keys = try table.keys(db)
        return try keys.enumerated().filter { place, key in
            place == 0 || place == keys.count - 1 || steps.map { key.lastStep >= $0.lowerBound && key.firstStep <= $0.upperBound } ?? true
        }.flatMap { try table.entries($0.element, db) }
    }

    /// Chunks that the tail's points fall into, or that are partly hidden, become points.
    private static func weave(_ entries: [ChunkEntry], _ points: SeriesPoints, hidden: Int64?, _ metric: Int64, _ db: Database) throws -> [Element] {
        var elements: [Element] = [], next = 0
        func take(until step: Int64, inclusive: Bool) -> SeriesPoints {
            let end = points.steps[next...].firstPlace { inclusive ? $0 > step : $0 >= step }
            defer { next = end }
            return SeriesPoints(steps: Array(points.steps[next..<end]), times: Array(points.times[next..<end]), values: Array(points.values[next..<end]))
        }
        for entry in entries {
            let before = take(until: entry.firstStep, inclusive: false), inside = take(until: entry.lastStep, inclusive: true)
            if !before.isEmpty { elements.append(.points(before)) }
            let isCut = hidden.map { entry.lastStep >= $0 } ?? false
            if inside.isEmpty, !isCut { elements.append(.chunk(entry)); continue }
            var merged = try ChunkTable.readPoints(metric: metric, group: entry.group, .times, db)
            if let hidden { merged.cut(below: hidden) }
            merged.append(inside)
            merged.settle()
            if !merged.isEmpty { elements.append(.points(merged)) }
        }
        let rest = take(until: .max, inclusive: true)
        if !rest.isEmpty { elements.append(.points(rest)) }
        return elements
    }

    /// How finely a chunk is read.
    enum Level { case points, lowest, upper }

    /// How a stretch lies to what is wanted.
    enum Relation { case outside, straddling, inside }

    /// Hands over everything that is wanted with the number of its attempt, in step order within each: records where a whole stretch is wanted and `level` allows, points elsewhere.
    func visit(
        _ level: Level, times: Bool, _ cache: RecordCache, _ db: Database, relation: (ChunkEntry, Int) -> Relation,
        records: ([PyramidRecord], Int) throws -> Void, points: (SeriesPoints, Int) throws -> Void
    ) throws {
        let parts: ChunkTable.Parts = times ? .times : []
        func unpacked(_ entry: ChunkEntry) throws -> SeriesPoints {
            try cache.points(metric: metric, group: entry.group, hasTimes: times) { try ChunkTable.readPoints(metric: metric, group: entry.group, parts, db) }
        }
        for (attempt, element) in numbered {
            guard case .chunk(let entry) = element else {
                if case .points(let loose) = element { try points(loose, attempt) }
                continue
            }
            switch relation(entry, attempt) {
            case .outside: continue
            case .inside where level == .upper: try records(entry.records, attempt)
            case .inside where level == .lowest:
                let lowest = try cache.records(metric: metric, group: entry.group, hasTimes: times) {
                    try ChunkTable.readRecords(metric: metric, group: entry.group, parts, db)
                }
                if let lowest { try records(lowest, attempt) } else { try points(try unpacked(entry), attempt) }
            default: try points(try unpacked(entry), attempt)
            }
        }
    }
}
