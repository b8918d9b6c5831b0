import GRDB
import TrackModel

extension Verification {
    /// The catalogue names every histogram that is shown, with its steps, and no other.
    mutating func verifyHistograms(_ id: RunID, _ run: Int64, _ db: Database) throws {
        let differing = try String.fetchAll(db, sql: """
            WITH shown AS (
                SELECT name, COUNT(DISTINCT step) AS steps, MIN(step) AS first_step, MAX(step) AS last_step
                FROM histogram
                WHERE run_id = :run AND \(HistogramSeries.visible)
                GROUP BY name
            ), listed AS (
                SELECT name, steps, first_step, last_step
                FROM histogram_series
                WHERE run_id = :run
            )
            SELECT name FROM (SELECT * FROM shown EXCEPT SELECT * FROM listed)
            UNION
            SELECT name FROM (SELECT * FROM listed EXCEPT SELECT * FROM shown)
            """, arguments: ["run": run])
        for name in differing { note("histograms \"\(name)\" are not as the list of the run's histograms says", id) }
    }
}
