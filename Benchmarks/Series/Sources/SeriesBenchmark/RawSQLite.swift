import Foundation
import GRDB

/// The table that everybody would write first: one row for each point.
struct RawSQLite {
    let queue: DatabaseQueue

    init(path: String) throws {
        var configuration = Configuration()
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
        configuration.journalMode = .wal
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write { db in
            try db.execute(sql: "CREATE TABLE point (series INTEGER, step INTEGER, time INTEGER, value REAL, PRIMARY KEY (series, step)) STRICT, WITHOUT ROWID")
        }
    }

    /// Points a second, eight series interleaved as training logs them.
    func insert(points: Int, perCommit: Int) throws -> Double {
        var noise = Noise(state: 7), step = 0
        let (time, _) = try seconds {
            for _ in 0..<(points / perCommit) {
                try queue.write { db in
                    let insert = try db.makeStatement(sql: "INSERT INTO point VALUES (?, ?, ?, ?)")
                    for index in 0..<perCommit {
                        try insert.execute(arguments: [index % 8, step + index / 8, step, noise.unit()])
                    }
                }
                step += perCommit / 8
            }
        }
        return Double(points) / time
    }

    /// Buckets by GROUP BY, in milliseconds.
    func bucketMilliseconds(series: Int, steps: Int, buckets: Int) throws -> Double {
        try seconds {
            _ = try queue.read { db in
                try Row.fetchAll(db, sql: "SELECT step * :buckets / :steps AS bucket, COUNT(*), MIN(value), MAX(value), AVG(value) FROM point WHERE series = :series GROUP BY bucket",
                                 arguments: ["buckets": buckets, "steps": steps, "series": series])
            }
        }.0 * 1_000
    }
}
