import GRDB
import TrackSeries

/// Reads and rewrites the pages of one series in one attempt.
struct PyramidTable {
    let metric: Int64
    let attempt: Int

    struct Key: Hashable {
        var firstStep: Int64
        var lastStep: Int64
    }

    func keys(_ db: Database) throws -> [Key] {
        let statement = try RawStatement(db, "SELECT first_step, last_step FROM pyramid WHERE metric_id = ?1 AND attempt = ?2 ORDER BY first_step")
        statement.bind(metric, Int64(attempt))
        var keys: [Key] = []
        while try statement.next() { keys.append(Key(firstStep: statement.integer(0), lastStep: statement.integer(1))) }
        return keys
    }

    func entries(_ key: Key, _ db: Database) throws -> [ChunkEntry] {
        let statement = try RawStatement(db, "SELECT entries FROM pyramid WHERE metric_id = ?1 AND attempt = ?2 AND first_step = ?3")
        statement.bind(metric, Int64(attempt), key.firstStep)
        guard try statement.next() else { return [] }
        return try ChunkTable.named("pyramid of metric \(metric) from step \(key.firstStep)") { try PyramidPage.decode(statement.blob(0)) }
    }

    /// Pages to delete and pages to write, when chunks come and go.
    struct Change: Sendable {
        struct Page: Sendable {
            var firstStep: Int64
            var lastStep: Int64
            var chunks: Int
            var bytes: [UInt8]
        }
        let metric: Int64
        let attempt: Int
        var removed: [Int64] = []
        var added: [Page] = []
    }

    /// Plans the change; nothing is written. Pages whose steps are far from the change stay as they are.
    func change(removing groups: Set<Int64>, between steps: ClosedRange<Int64>, adding entries: [ChunkEntry], _ db: Database) throws -> Change {
        var change = Change(metric: metric, attempt: attempt)
        let keys = try keys(db)
        var touched = keys.filter { $0.lastStep >= steps.lowerBound && $0.firstStep <= steps.upperBound }
        var old = try touched.flatMap { try self.entries($0, db) }
        if let before = keys.last(where: { $0.lastStep < steps.lowerBound }) {
            let waiting = try self.entries(before, db)
            if waiting.count < PyramidPage.size { (touched, old) = ([before] + touched, waiting + old) }      // it has room
        }
        var all = old.filter { !groups.contains($0.group) } + entries
        all.sort { $0.firstStep < $1.firstStep }
        change.removed = touched.map(\.firstStep)
        for start in stride(from: 0, to: all.count, by: PyramidPage.size) {
            let part = Array(all[start..<min(start + PyramidPage.size, all.count)])
            change.added.append(.init(firstStep: part[0].firstStep, lastStep: part.last!.lastStep, chunks: part.count, bytes: PyramidPage.encode(part)))
        }
        return change
    }
}
