import GRDB
import TrackModel
import TrackSeries

/// Reads what is new of one run on one snapshot: new batches from the tail, what was folded unread from its chunks.
struct NewPoints {
    let history: RunHistory
    let metrics: [(id: Int64, name: String)]
    let goals: [MetricDefinition]
    private(set) var points = 0

    /// Points that are looked at together: a tenth of a millisecond's work for each of a few metrics.
    private static let portion = 8_192

    /// No more metrics of one run are looked at.
    static let mostMetrics = 10_000

    /// Steps came that are not behind those that were read.
    private struct Disturbed: Error {}

    init(_ history: RunHistory, goals: [MetricDefinition], metrics: [(id: Int64, name: String)]) {
        (self.history, self.goals, self.metrics) = (history, goals, metrics)
    }

    /// Everything after `mark`; everything at all, told to forget before, where points came that do not continue.
    mutating func read(after mark: ExaminationMark?, into reader: inout some PointReader, _ db: Database) throws {
        let continues = mark.map { history.disturbedBatch <= $0.batch || history.disturbedBatch == $0.disturbedBatch } ?? false
        if !continues { reader.forget() }
        guard continues || history.disturbedBatch == 0 && history.attempts.count == 1 else { return try readAll(into: &reader, db) }
        do {
            if history.foldedBatch > mark?.batch ?? 0 { try readChunks(into: &reader, db) }
            try readTail(after: max(mark?.batch ?? 0, history.foldedBatch), into: &reader, db)
        } catch is Disturbed {
            reader.forget()
            try readAll(into: &reader, db)
        }
    }

    /// Chunks behind what the reader has; the tail, whose points come later, left out.
    private mutating func readChunks(into reader: inout some PointReader, _ db: Database) throws {
        let folded = history.withoutTail
        for (id, name) in metrics {
            let last = reader.lastStep(of: name)
            try hand(VisibleSeries(folded, name: name, metric: id, steps: last.map { $0...Int64.max }, db), name, into: &reader, db)
        }
    }

    /// Every metric as charts see it: late steps in their places, what a later attempt hides left out.
    private mutating func readAll(into reader: inout some PointReader, _ db: Database) throws {
        for (id, name) in metrics {
            do {
                try hand(VisibleSeries(history, name: name, metric: id, db), name, into: &reader, db)
            } catch StoreError.damaged {
                continue            // its readers are told; the other series are looked at
            }
        }
    }

    private mutating func hand(_ series: VisibleSeries, _ name: String, into reader: inout some PointReader, _ db: Database) throws {
        for element in series.elements {
            let last = reader.lastStep(of: name)
            if let last, element.lastStep <= last { continue }
            let found: SeriesPoints = switch element {
            case .points(let loose): loose
            case .chunk(let entry): try ChunkTable.readPoints(metric: series.metric, group: entry.group, .times, db)
            }
            hand(last.map { found.after($0) } ?? found, name, into: &reader)
        }
    }

    /// New batches in the order of arrival, a portion at a time, so that little memory is held.
    private mutating func readTail(after batch: Int64, into reader: inout some PointReader, _ db: Database) throws {
        let known = Set(metrics.lazy.map(\.name))
        var waiting: [String: SeriesPoints] = [:], count = 0
        for (place, entry) in history.tail.enumerated() where entry.id > batch {
            if place % 32 == 0 { BackgroundPriority.giveWay() }
            guard let batch = try entry.batch ?? BatchTable.read(entry.id, db, limits: history.limits) else { continue }
            guard batch.attempt == history.attempts.last?.number else { throw Disturbed() }
            for column in batch.columns where known.contains(column.name) {
                waiting[column.name, default: SeriesPoints()].append(column, of: batch)
            }
            count += batch.points
            if count > Self.portion { try handAll(&waiting, into: &reader); count = 0 }
        }
        try handAll(&waiting, into: &reader)
    }

    private mutating func handAll(_ waiting: inout [String: SeriesPoints], into reader: inout some PointReader) throws {
        for (name, points) in waiting where !points.isEmpty {
            guard points.ascends, reader.lastStep(of: name).map({ $0 < points.steps[0] }) ?? true else { throw Disturbed() }
        }
        for (name, points) in waiting { hand(points, name, into: &reader) }
        waiting = [:]
    }

    private mutating func hand(_ found: SeriesPoints, _ name: String, into reader: inout some PointReader) {
        BackgroundPriority.giveWay()
        points += found.count
        reader.take(found, of: name, goal: goals.last { $0.goal != nil && Glob($0.metric).matches(name) }?.goal)
    }
}

extension SeriesPoints {
    /// Whether every step is behind the one before.
    fileprivate var ascends: Bool { zip(steps, steps.dropFirst()).allSatisfy { $0 < $1 } }

    /// The points behind a step.
    fileprivate func after(_ step: Int64) -> SeriesPoints {
        let first = steps.firstPlace { $0 > step }
        if first == 0 { return self }
        return SeriesPoints(steps: Array(steps[first...]), times: Array(times[first...]), values: Array(values[first...]))
    }
}
