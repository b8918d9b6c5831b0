import Foundation
import GRDB
import TrackModel
import TrackSeries

/// The catalogue of histograms: a row for each name of each run, in step with the histograms themselves.
enum HistogramSeries {
    /// A later attempt hides what it took up again.
    static let visible = """
        NOT EXISTS (
            SELECT 1 FROM attempt WHERE attempt.run_id = histogram.run_id AND attempt.number > histogram.attempt AND attempt.resume_step <= histogram.step
        )
        """

    /// Stores a histogram, and counts its step unless it is known or hidden.
    static func keep(_ histogram: HistogramRecord, run: Int64, attempt: Int, _ db: Database) throws {
        let place: [String: (any DatabaseValueConvertible)?] = ["run": run, "name": histogram.name, "step": histogram.step, "attempt": attempt, "time": histogram.time]
        try db.cachedStatement(sql: """
            INSERT INTO histogram_series (run_id, name, steps, first_step, last_step, last_us)
            SELECT :run, :name, 1, :step, :step, :time
            WHERE NOT EXISTS (SELECT 1 FROM attempt WHERE run_id = :run AND number > :attempt AND resume_step <= :step)
            ON CONFLICT DO UPDATE
            SET steps = steps + NOT EXISTS (SELECT 1 FROM histogram WHERE run_id = :run AND name = :name AND step = :step AND \(visible)),
                first_step = MIN(first_step, excluded.first_step), last_step = MAX(last_step, excluded.last_step), last_us = MAX(last_us, excluded.last_us)
            """).execute(arguments: StatementArguments(place))
        try db.cachedStatement(sql: """
            INSERT INTO histogram (run_id, name, step, attempt, time_us, bins)
            VALUES (:run, :name, :step, :attempt, :time, :bins)
            ON CONFLICT DO UPDATE SET time_us = excluded.time_us, bins = excluded.bins
            """).execute(arguments: StatementArguments(place.merging(["bins": Data(HistogramCodec.encode(histogram))]) { $1 }))
    }

    /// Leaves out what an attempt that is about to begin will hide. O(names + what is hidden).
    static func hide(from step: Int64, run: Int64, _ db: Database) throws {
        let arguments: StatementArguments = ["run": run, "step": step]
        try db.execute(sql: """
            UPDATE histogram_series
            SET steps = steps - (
                SELECT COUNT(DISTINCT step) FROM histogram
                WHERE histogram.run_id = histogram_series.run_id AND histogram.name = histogram_series.name AND step >= :step AND \(visible)
            )
            WHERE run_id = :run AND last_step >= :step
            """, arguments: arguments)
        try db.execute(sql: "DELETE FROM histogram_series WHERE run_id = :run AND steps = 0", arguments: ["run": run])
        try db.execute(sql: """
            UPDATE histogram_series
            SET last_step = (
                SELECT step FROM histogram
                WHERE histogram.run_id = histogram_series.run_id AND histogram.name = histogram_series.name AND step < :step AND \(visible)
                ORDER BY step DESC
                LIMIT 1
            )
            WHERE run_id = :run AND last_step >= :step
            """, arguments: arguments)
    }
}
