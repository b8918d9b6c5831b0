import GRDB
import TrackSeries

/// Reads groups, chunks and pages. Damage is named with the row it is in.
enum ChunkTable {
    struct Group {
        let id: Int64
        let firstStep: Int64
        let lastStep: Int64
        let rows: Int
    }

    /// The groups of an attempt, in step order, without their contents.
    static func groups(run: Int64, attempt: Int, _ db: Database) throws -> [Group] {
        let statement = try RawStatement(db, """
            SELECT id, first_step, last_step, row_count
            FROM row_group
            WHERE run_id = ?1 AND attempt = ?2
            ORDER BY first_step
            """)
        statement.bind(run, Int64(attempt))
        var groups: [Group] = []
        while try statement.next() {
            groups.append(Group(id: statement.integer(0), firstStep: statement.integer(1), lastStep: statement.integer(2), rows: Int(statement.integer(3))))
        }
        return groups
    }

    /// A group with all its columns.
    static func readGroup(_ id: Int64, _ db: Database) throws -> RowGroup {
        guard var group = try readAxes(id, db) else { throw StoreError.damaged("row group \(id) is missing") }
        let statement = try RawStatement(db, "SELECT metric_id, presence, data FROM chunk WHERE group_id = ?1")
        statement.bind(id)
        while try statement.next() {
            let metric = statement.integer(0)
            group.columns[metric] = try named("chunk of metric \(metric) in row group \(id)") {
                try column(presence: statement.blob(1), data: statement.blob(2), rows: group.count)
            }
        }
        return group
    }

    /// Steps and times of a group.
    static func readAxes(_ id: Int64, _ db: Database) throws -> RowGroup? {
        let statement = try RawStatement(db, "SELECT steps, times FROM row_group WHERE id = ?1")
        statement.bind(id)
        guard try statement.next() else { return nil }
        return try named("row group \(id)") {
            let steps = try ChunkCodec.decodeSteps(statement.blob(0)), times = try ChunkCodec.decodeTimes(statement.blob(1))
            guard steps.count == times.count else { throw StoreError.damaged("row group \(id) has \(steps.count) steps and \(times.count) times") }
            return RowGroup(steps: steps, times: times)
        }
    }

    private static func column(presence: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer, rows: Int) throws -> RowGroup.Column {
        let present = try ChunkCodec.decodePresence(presence, rows: rows), values = try ChunkCodec.decodeValues(data)
        guard values.count == present?.count ?? rows else { throw StoreError.damaged("\(values.count) values stand for \(present?.count ?? rows) rows") }
        return RowGroup.Column(rows: present, values: values)
    }

    /// Decoding errors with the place where they came from.
    static func named<Value>(_ place: String, _ body: () throws -> Value) throws -> Value {
        do { return try body() }
        catch let error as DamagedBytes { throw StoreError.damaged("\(place): \(error)") }
        catch StoreError.damaged(let reason) { throw StoreError.damaged(reason.contains(place) ? reason : "\(place): \(reason)") }
    }

    /// What a reader wants of a chunk.
    struct Parts: OptionSet {
        let rawValue: Int
        static let times = Parts(rawValue: 1)
    }

    /// A chunk's points. Times are decoded only if asked for; else they are zero.
    static func readPoints(metric: Int64, group: Int64, _ parts: Parts, _ db: Database) throws -> SeriesPoints {
        let statement = try RawStatement(db, """
            SELECT steps, CASE WHEN ?3 THEN times END, presence, data
            FROM chunk JOIN row_group ON row_group.id = group_id
            WHERE group_id = ?1 AND metric_id = ?2
            """)
        statement.bind(group, metric, parts.contains(.times) ? 1 : 0)
        guard try statement.next() else { throw StoreError.damaged("chunk of metric \(metric) in row group \(group) is missing") }
        return try named("chunk of metric \(metric) in row group \(group)") {
            let steps = try ChunkCodec.decodeSteps(statement.blob(0))
            let times = parts.contains(.times) ? try ChunkCodec.decodeTimes(statement.blob(1)) : noTimes(steps.count)
            let column = try column(presence: statement.blob(2), data: statement.blob(3), rows: steps.count)
            guard times.count == steps.count else { throw StoreError.damaged("\(steps.count) steps, but \(times.count) times") }
            return RowGroup(steps: steps, times: times, columns: [metric: column]).points(of: metric)!
        }
    }

    /// Groups that are just full share their zeros.
    private static func noTimes(_ count: Int) -> [Int64] { count == RowGroup.size ? fullGroupOfZeros : [Int64](repeating: 0, count: count) }
    private static let fullGroupOfZeros = [Int64](repeating: 0, count: RowGroup.size)

    /// A chunk's records of the lowest level; `nil` if it is too short to have any.
    static func readRecords(metric: Int64, group: Int64, _ parts: Parts, _ db: Database) throws -> [PyramidRecord]? {
        let statement = try RawStatement(db, """
            SELECT steps, CASE WHEN ?3 THEN times END, presence, records
            FROM chunk JOIN row_group ON row_group.id = group_id
            WHERE group_id = ?1 AND metric_id = ?2
            """)
        statement.bind(group, metric, parts.contains(.times) ? 1 : 0)
        guard try statement.next() else { throw StoreError.damaged("chunk of metric \(metric) in row group \(group) is missing") }
        if statement.blob(3).isEmpty { return nil }
        return try named("chunk of metric \(metric) in row group \(group)") {
            var steps = try ChunkCodec.decodeSparseSteps(statement.blob(0))
            var times = parts.contains(.times) ? try ChunkCodec.decodeTimes(statement.blob(1)) : nil
            if let rows = try ChunkCodec.decodePresence(statement.blob(2), rows: steps.count) {
                times = times.map { times in rows.map { times[Int($0)] } }
                steps = SparseSteps(rows.map { [steps] in steps[Int($0)] })
            }
            return try ChunkCodec.decodeRecords(statement.blob(3), steps: steps, times: times)
        }
    }
}
