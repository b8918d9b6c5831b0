import Foundation
import GRDB
public import TrackModel
import TrackSeries

extension SQLiteStore {
    public func histogramNames(_ run: RunID) async throws -> [HistogramSummary] {
        try await read { db in
            let (row, _) = try Self.row(of: run, db)
            return try Row.fetchAll(db, sql: """
                SELECT name, steps, first_step, last_step
                FROM histogram_series
                WHERE run_id = :run
                ORDER BY name
                """, arguments: ["run": row]).map { HistogramSummary(name: $0[0], count: $0[1], firstStep: $0[2], lastStep: $0[3]) }
        }
    }

    public func histograms(_ run: RunID, name: String, from: Int64?, to: Int64?, limit: Int, merging: Bool) async throws -> HistogramSlices {
        guard (1...10_000).contains(limit) else { throw StoreError.invalidParameter(name: "limit", value: "\(limit)", reason: "it is 1 … 10000") }
        return try await read { db in
            let (row, _) = try Self.row(of: run, db)
            let all = try Row.fetchAll(db, sql: """
                SELECT step, MAX(attempt)
                FROM histogram
                WHERE run_id = :run AND name = :name AND step BETWEEN :from AND :to AND \(HistogramSeries.visible)
                GROUP BY step
                ORDER BY step
                """, arguments: ["run": row, "name": name, "from": from ?? .min, "to": to ?? .max])
            if all.isEmpty { try Self.requireHistogram(name, run, row, db) }
            let slices = try Self.places(all.count, limit, merging: merging).compactMap { places in
                try places.lazy.compactMap { place in try Self.slice(row, name, step: all[place][0], attempt: all[place][1], db) }
                    .reduce(nil) { merged, next in merged?.merged(with: next) ?? next }
            }
            return HistogramSlices(name: name, slices: slices, total: all.count)
        }
    }

    /// Which slices each answered one stands for: one of them, or, merged, all from the one before.
    private static func places(_ count: Int, _ limit: Int, merging: Bool) -> [ClosedRange<Int>] {
        guard merging, count > limit else { return Thinning.evenly(count, to: limit).map { $0...$0 } }
        return (0..<limit).map { $0 * count / limit ... ($0 + 1) * count / limit - 1 }
    }

    private static func requireHistogram(_ name: String, _ run: RunID, _ row: Int64, _ db: Database) throws {
        let exists = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM histogram WHERE run_id = :run AND name = :name)", arguments: ["run": row, "name": name])
        if exists != true { throw StoreError.unknownMetric(name, run: run) }
    }

    private static func slice(_ row: Int64, _ name: String, step: Int64, attempt: Int, _ db: Database) throws -> HistogramRecord? {
        let found = try Row.fetchOne(db, sql: "SELECT time_us, bins FROM histogram WHERE run_id = :run AND name = :name AND step = :step AND attempt = :attempt",
                                     arguments: ["run": row, "name": name, "step": step, "attempt": attempt])
        return found.flatMap { HistogramCodec.decode($0[1] as Data, name: name, step: step, time: $0[0]) }
    }
}
