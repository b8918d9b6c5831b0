import Foundation
import GRDB
public import TrackModel
import TrackSeries

/// How points leave the store.
public enum ExportFormat: String, Sendable, CaseIterable { case csv, jsonl, sqlite }

extension SQLiteStore {
    /// Writes every visible point of these runs at full resolution, one line a point, a chunk in memory at a time.
    /// - Parameter metrics: `nil` for all.
    /// - Parameter sink: Called with portions of the text, in order, on one thread.
    /// - Returns: How many points were written.
    @discardableResult
    public func export(
        _ runs: [RunID], metrics: [String]? = nil, as format: ExportFormat, into sink: @escaping @Sendable ([UInt8]) throws -> Void
    ) async throws -> Int {
        guard format != .sqlite else { throw StoreError.invalidParameter(name: "format", value: "sqlite", reason: "a database is written to a file, not to a stream") }
        return try await eachPoint(of: runs, metrics.map(Set.init)) { try TextExport(format: format, sink: sink) }
    }

    /// Writes every visible point of these runs into a new SQLite file: tables `run` and `point`.
    /// - Throws: ``StoreError/invalidParameter(name:value:reason:)`` if the file is there already.
    public func exportSQLite(_ runs: [RunID], to path: String) async throws -> Int {
        if FileManager.default.fileExists(atPath: path) { throw StoreError.invalidParameter(name: "file", value: path, reason: "it exists already") }
        return try await eachPoint(of: runs, nil) { try DatabaseExport(path: path) }
    }

    /// The runs of a project, oldest first; without those in its bin.
    public func runIDs(of project: String) async throws -> [RunID] {
        try await read { db in
            try String.fetchAll(db, sql: "SELECT code FROM run WHERE project_id = :project AND deleted_ms IS NULL AND binned_ms IS NULL ORDER BY id",
                                arguments: ["project": ProjectRows.id(of: project, db)]).compactMap { RunID($0) }
        }
    }

    private func eachPoint(of runs: [RunID], _ metrics: Set<String>?, _ make: @escaping @Sendable () throws -> any PointExport) async throws -> Int {
        try await blocking { [pool, tails, options] in
            let export = try make()
            var count = 0
            for run in runs {
                guard let row = try pool.read({ db in try RunRecords.row(of: run, db) }) else {
                    throw StoreError.unknownRun(run.text)
                }
                let before = [row: tails[row]?.entries ?? []]
                count += try pool.read { db in
                    try Self.export(RunHistory.read(run, limits: options.limits, db, tailsBefore: before), metrics, RunRecords().fetch(run, db), to: export, db)
                }
            }
            try export.finish()
            return count
        }
    }

    private static func export(_ history: RunHistory, _ metrics: Set<String>?, _ record: RunRecord, to export: any PointExport, _ db: Database) throws -> Int {
        try export.begin(record)
        var count = 0
        for metric in try MetricState.fetch(db, run: history.row, only: metrics).sorted(by: { $0.name < $1.name }) {
            let series = try VisibleSeries(history, name: metric.name, metric: metric.id, db)
            for element in series.elements {
                let points: SeriesPoints = switch element {
                case .points(let points): points
                case .chunk(let entry): try ChunkTable.readPoints(metric: metric.id, group: entry.group, .times, db)
                }
                count += points.count
                try export.write(points, metric: metric.name, run: record)
            }
        }
        return count
    }
}

/// Takes points in portions.
private protocol PointExport {
    func begin(_ run: RunRecord) throws
    func write(_ points: SeriesPoints, metric: String, run: RunRecord) throws
    func finish() throws
}

private final class TextExport: PointExport {
    private let format: ExportFormat
    private let sink: ([UInt8]) throws -> Void

    init(format: ExportFormat, sink: @escaping ([UInt8]) throws -> Void) throws {
        (self.format, self.sink) = (format, sink)
        if format == .csv { try sink(Array("run,name,metric,step,time_us,value\n".utf8)) }
    }

    func begin(_ run: RunRecord) {}

    func write(_ points: SeriesPoints, metric: String, run: RunRecord) throws {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(points.count * 64)
        let prefix = format == .csv
            ? "\(run.id),\(quoted(run.name)),\(quoted(metric)),"
            : "{\"run\":\"\(run.id)\",\"name\":\(JSONText.encode(run.name)),\"metric\":\(JSONText.encode(metric)),\"step\":"
        for index in 0..<points.count {
            bytes.append(contentsOf: prefix.utf8)
            let value = points.values[index], word = nonFiniteWord(value)
            if format == .csv {
                bytes.append(contentsOf: "\(points.steps[index]),\(points.times[index]),\(word ?? value.description)\n".utf8)
            } else {
                bytes.append(contentsOf: "\(points.steps[index]),\"time\":\(points.times[index]),\"value\":\(word.map { "\"\($0)\"" } ?? value.description)}\n".utf8)
            }
        }
        try sink(bytes)
    }

    func finish() throws {}

    private func quoted(_ text: String) -> String {
        text.contains(where: { ",\"\n\r".contains($0) }) ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}

private final class DatabaseExport: PointExport {
    private let database: DatabaseQueue

    init(path: String) throws {
        database = try DatabaseQueue(path: path)
        try database.write { db in
            try db.execute(sql: """
                CREATE TABLE run (id TEXT PRIMARY KEY, project TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, started_ms INTEGER NOT NULL, config TEXT NOT NULL) STRICT;
                CREATE TABLE point (run TEXT NOT NULL, metric TEXT NOT NULL, step INTEGER NOT NULL, time_us INTEGER NOT NULL, value REAL, word TEXT) STRICT;
                """)        // value is NULL where word says NaN, Infinity or -Infinity
        }
    }

    func begin(_ run: RunRecord) throws {
        try database.write { db in
            try db.execute(sql: "INSERT INTO run (id, project, name, state, started_ms, config) VALUES (:id, :project, :name, :state, :started, :config)",
                           arguments: ["id": run.id.text, "project": run.project, "name": run.name, "state": run.state.rawValue,
                                       "started": run.startedAt, "config": JSONText.encode(run.config ?? [:])])
        }
    }

    func write(_ points: SeriesPoints, metric: String, run: RunRecord) throws {
        try database.write { db in
            let insert = try db.cachedStatement(sql: "INSERT INTO point (run, metric, step, time_us, value, word) VALUES (:run, :metric, :step, :time, :value, :word)")
            for index in 0..<points.count {
                let word = nonFiniteWord(points.values[index])
                try insert.execute(arguments: ["run": run.id.text, "metric": metric, "step": points.steps[index], "time": points.times[index],
                                               "value": word == nil ? points.values[index] : nil, "word": word])
            }
        }
    }

    func finish() throws {
        try database.write { db in try db.execute(sql: "CREATE INDEX point_by_series ON point (run, metric, step)") }
        try database.close()
    }
}
