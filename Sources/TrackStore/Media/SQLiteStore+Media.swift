import GRDB
public import TrackModel

extension SQLiteStore {
    public func media(_ query: MediaQuery) async throws -> MediaPage {
        let after = try query.cursor.map(MediaCursor.init)
        return try await read { db in try Self.page(query, after: after, db) }
    }

    public func mediaNames(_ run: RunID) async throws -> [MediaSummary] {
        try await read { db in
            let (row, _) = try Self.row(of: run, db)
            return try Row.fetchAll(db, sql: """
                SELECT name, kind, COUNT(*), MIN(step), MAX(step)
                FROM media
                WHERE run_id = :run AND \(shown)
                GROUP BY name, kind
                ORDER BY name, kind
                """, arguments: ["run": row])
                .map { MediaSummary(name: $0[0], kind: $0[1], count: $0[2], firstStep: $0[3], lastStep: $0[4]) }
        }
    }

    private static func page(_ query: MediaQuery, after: MediaCursor?, _ db: Database) throws -> MediaPage {
        let (row, _) = try Self.row(of: query.run, db)
        var conditions = ["run_id = :run", shown]
        var arguments: StatementArguments = ["run": row]
        func add(_ condition: String, _ name: String, _ value: (any DatabaseValueConvertible)?) {
            guard let value else { return }
            conditions.append(condition)
            _ = arguments.append(contentsOf: [name: value])
        }
        add("kind = :kind", "kind", query.kind)
        add("name = :name", "name", query.name)
        add("step >= :from", "from", query.from)
        add("step <= :to", "to", query.to)
        let total = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM media WHERE " + conditions.joined(separator: " AND "), arguments: arguments)!
        if let after {
            conditions.append("(step, media.id) > (:afterStep, :afterID)")
            _ = arguments.append(contentsOf: ["afterStep": after.step, "afterID": after.id])
        }
        _ = arguments.append(contentsOf: ["limit": query.limit + 1])
        let rows = try Row.fetchAll(db, sql: """
            SELECT media.id, name, step, time_us, kind, media.digest, media.size, content_type, caption, attempt, blob.digest IS NULL
            FROM media LEFT JOIN blob ON blob.digest = media.digest
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY step, media.id
            LIMIT :limit
            """, arguments: arguments)
        let isMore = rows.count > query.limit, shownRows = rows.prefix(query.limit)
        return MediaPage(media: shownRows.map(MediaRecord.init(row:)), total: total,
                         nextCursor: isMore ? shownRows.last.map { MediaCursor(step: $0[2], id: $0[0]).text } : nil)
    }
}

/// What a later attempt took up again is hidden from its step on.
private let shown = """
    NOT EXISTS (SELECT 1 FROM attempt WHERE attempt.run_id = media.run_id AND attempt.number > media.attempt AND attempt.resume_step <= media.step)
    """

/// Where a page of media ends: `STEP.ID`.
struct MediaCursor {
    var step: Int64
    var id: Int64
    var text: String { "\(step).\(id)" }

    init(step: Int64, id: Int64) { (self.step, self.id) = (step, id) }

    /// - Throws: ``StoreError/invalidParameter(name:value:reason:)``
    init(_ text: String) throws {
        let parts = text.split(separator: ".")
        guard parts.count == 2, let step = Int64(parts[0]), let id = Int64(parts[1]) else {
            throw StoreError.invalidParameter(name: "cursor", value: text, reason: "take nextCursor of an answer as it is")
        }
        (self.step, self.id) = (step, id)
    }
}

extension MediaRecord {
    fileprivate init(row: Row) {
        let reference = MediaReference(name: row[1], step: row[2], time: row[3], kind: row[4], digest: row[5], size: row[6], contentType: row[7], caption: row[8])
        self.init(reference, attempt: row[9], pending: row[10])
    }
}

extension MediaReference {
    /// Why it cannot be stored, as half a sentence; `nil` if it can.
    var defect: String? {
        if name.isEmpty || name.utf8.count > 500 { return "its name has \(name.utf8.count) bytes, 1 … 500 are allowed" }
        if !BlobRecord.isDigest(digest) { return "its digest is \"\(digest.prefix(80))\", 64 hexadecimal digits in lower case are needed" }
        if kind.isEmpty || kind.utf8.count > 40 { return "its kind has \(kind.utf8.count) bytes, 1 … 40 are allowed" }
        if size < 0 { return "its size is \(size)" }
        if contentType.utf8.count > 200 || contentType.utf8.contains(where: { $0 < 32 || $0 > 126 }) { return "its content type is no media type" }
        if let caption, caption.utf8.count > 100_000 { return "its caption has \(caption.utf8.count) bytes, 100000 are allowed" }
        return nil
    }
}
