import GRDB
import TrackSeries

extension VisibleSeries {
    /// Counts the points that came, by their times, after points of greater steps of the same attempt: late steps, and steps logged again later.
    ///
    /// Stretches whose times ascend are told by their records; only others are unpacked.
    func latePoints(_ cache: RecordCache, _ db: Database) throws -> Int {
        var late = 0
        for (_, elements) in attempts {
            var least = Int64.max                       // of the times at greater steps
            for element in elements.reversed() {
                if case .chunk(let entry) = element, entry.hasAscendingTimes, entry.records.last!.lastTime <= least {
                    least = entry.records[0].firstTime
                    continue
                }
                for time in try times(of: element, cache, db).reversed() {
                    if time > least { late += 1 }
                    least = min(least, time)
                }
            }
        }
        return late
    }

    private func times(of element: Element, _ cache: RecordCache, _ db: Database) throws -> [Int64] {
        switch element {
        case .points(let points): points.times
        case .chunk(let entry):
            try cache.points(metric: metric, group: entry.group, hasTimes: true) { try ChunkTable.readPoints(metric: metric, group: entry.group, .times, db) }.times
        }
    }
}

extension ChunkEntry {
    /// No time in it is before the one at the step before.
    fileprivate var hasAscendingTimes: Bool {
        records.allSatisfy(\.timesAscend) && zip(records, records.dropFirst()).allSatisfy { $0.lastTime <= $1.firstTime }
    }
}
