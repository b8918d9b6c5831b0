import GRDB
import TrackModel
import TrackSeries

/// Where a time axis begins for each attempt, in microseconds since 1970.
///
/// The wall clock begins in 1970. Relative wall time begins with the run and goes on while nothing ran. Running time goes on only while a process
/// ran: an attempt begins where the one before it logged its last row.
struct TimeOrigins {
    private let first: Int64
    private let later: [Int: Int64]

    subscript(attempt: Int) -> Int64 { later[attempt] ?? first }

    init(_ axis: SeriesRequest.Axis, _ history: RunHistory, _ db: Database) throws {
        first = axis == .relative || axis == .running ? history.startedMs &* 1_000 : 0
        later = axis == .running ? try Self.later(history, db) : [:]
    }

    private static func later(_ history: RunHistory, _ db: Database) throws -> [Int: Int64] {
        var origins: [Int: Int64] = [:], ran: Int64 = 0, started = history.startedMs &* 1_000
        for (attempt, next) in zip(history.attempts, history.attempts.dropFirst()) {
            if let end = try history.lastTime(of: attempt.number, db) { ran &+= max(0, end &- started) }
            started = next.startedMs &* 1_000
            origins[next.number] = started &- ran
        }
        return origins
    }
}

extension RunHistory {
    /// The time of an attempt's last row; `nil` if it logged none. Damaged batches do not count.
    fileprivate func lastTime(of attempt: Int, _ db: Database) throws -> Int64? {
        let waiting = tail.lazy.compactMap { try? $0.batch ?? BatchTable.read($0.id, db, limits: limits) }
            .filter { $0.attempt == attempt }.compactMap { $0.withTimes { $0.max() } }.max()
        let statement = try RawStatement(db, "SELECT times FROM row_group WHERE run_id = ?1 AND attempt = ?2 ORDER BY first_step DESC LIMIT 1")
        statement.bind(row, Int64(attempt))
        guard try statement.next() else { return waiting }
        let folded = try ChunkTable.named("row group of attempt \(attempt)") { try ChunkCodec.decodeTimes(statement.blob(0)) }.max()
        return [waiting, folded].compactMap(\.self).max()
    }
}
