import GRDB
import TrackModel
import TrackSeries

/// A fold, worked out on a snapshot and ready to be written: the oldest batches of a run as chunks.
///
/// Only one fold is under way at a time, so the chunks that the snapshot shows are the ones that will be replaced.
struct FoldPlan: Sendable {
    struct NewGroup: Sendable {
        let id: Int64
        let attempt: Int
        let firstStep: Int64
        let lastStep: Int64
        let rows: Int
        let steps: [UInt8]
        let times: [UInt8]
        let chunks: [(metric: Int64, chunk: ChunkCodec.EncodedChunk)]
    }

    let run: Int64
    let foldedBefore: Int64
    /// The last batch that is folded.
    let lastBatch: Int64
    let batches: [Int64]
    private(set) var removed: [Int64] = []
    private(set) var groups: [NewGroup] = []
    private(set) var pages: [PyramidTable.Change] = []
    private(set) var rows = 0
    private(set) var points = 0

    /// Rows and values that one fold takes at most, so that its memory stays bounded and no commit waits long behind it.
    static let mostRows = 4 * RowGroup.size, mostPoints = 500_000

    /// - Parameter isGrowing: More rows will come soon: those that would only begin a group stay, since it would have to be written again.
    /// - Returns: `nil` if there is nothing to fold.
    /// - Throws: ``StoreError/damaged(_:)``
    init?(_ history: RunHistory, isGrowing: Bool, nextGroup: () -> Int64, _ db: Database) throws {
        var metrics = try MetricIDs(of: history.row, db), mergers: [Int: RowMerger] = [:], ids: [Int64] = []
        let waiting = history.tail.reduce(0) { $0 + $1.rows }
        let most = isGrowing ? min(try Self.rowsThatFill(history, of: waiting, db), Self.mostRows) : Self.mostRows
        let expected = min(waiting, most)
        for entry in history.tail {
            ids.append(entry.id)
            if ids.count % 32 == 0 { BackgroundPriority.giveWay() }
            guard let batch = try entry.batch ?? BatchTable.read(entry.id, db, limits: history.limits) else { continue }
            guard let columns = metrics.ids(of: batch.columns) else { throw StoreError.damaged("batch \(entry.id) names a metric that its run does not have") }
            rows += batch.rowCount
            points += batch.points
            mergers[batch.attempt, default: RowMerger(expecting: expected)].add(batch, metrics: columns)
            if rows >= most || points >= Self.mostPoints { break }
        }
        guard let last = ids.last else { return nil }
        (run, foldedBefore, lastBatch, batches) = (history.row, history.foldedBatch, last, ids)
        for (attempt, merger) in mergers.sorted(by: { $0.key < $1.key }) where merger.count > 0 {
            try fold(merger.merged(), attempt: attempt, nextGroup, db)
        }
    }

    /// How many of the waiting rows fill up groups, the one that has been begun among them; all if they fill none.
    private static func rowsThatFill(_ history: RunHistory, of waiting: Int, _ db: Database) throws -> Int {
        let last = try history.attempts.last.flatMap { try ChunkTable.groups(run: history.row, attempt: $0.number, db).last?.rows } ?? 0
        let begun = last < RowGroup.size ? last : 0
        let rows = (begun + waiting) / RowGroup.size * RowGroup.size - begun
        return rows > 0 ? rows : max(waiting, 1)
    }

    /// Puts an attempt's rows beside or into its groups.
    private mutating func fold(_ tail: RowGroup, attempt: Int, _ nextGroup: () -> Int64, _ db: Database) throws {
        let existing = try ChunkTable.groups(run: run, attempt: attempt, db)
        var pieces: [RowGroup] = [], replaced: [ChunkTable.Group] = [], start = 0
        let appended = existing.last.map { last in tail.steps.firstPlace { $0 > last.lastStep } } ?? 0
        for (place, group) in existing.enumerated() where start < appended {
            let end = place + 1 < existing.count ? min(tail.steps.firstPlace { $0 >= existing[place + 1].firstStep }, appended) : appended
            if start < end {
                var merger = RowMerger()
                merger.add(try ChunkTable.readGroup(group.id, db))
                merger.add(tail.slice(start..<end))
                pieces.append(merger.merged())
                replaced.append(group)
                start = end
            }
        }
        if appended < tail.count {
            let rest = tail.slice(appended..<tail.count)
            pieces += try append(rest, to: existing.last, &replaced, &pieces, db)
        } else {
            pieces = pieces.flatMap { $0.cut(appending: false) }
        }
        try note(pieces, replaced, attempt, nextGroup, db)
    }

    /// Rows that only follow fill the last group up, then make groups of their own.
    private func append(
        _ rest: RowGroup, to last: ChunkTable.Group?, _ replaced: inout [ChunkTable.Group], _ pieces: inout [RowGroup], _ db: Database
    ) throws -> [RowGroup] {
        var merger = RowMerger()
        if let last, last.rows < RowGroup.size || replaced.last?.id == last.id {
            if replaced.last?.id == last.id { merger.add(pieces.removeLast()) }
            else {
                merger.add(try ChunkTable.readGroup(last.id, db))
                replaced.append(last)
            }
        }
        pieces = pieces.flatMap { $0.cut(appending: false) }
        merger.add(rest)
        return merger.merged().cut(appending: true)
    }

    /// Encodes the groups and plans the pages above them.
    private mutating func note(_ pieces: [RowGroup], _ replaced: [ChunkTable.Group], _ attempt: Int, _ nextGroup: () -> Int64, _ db: Database) throws {
        var entries: [Int64: [ChunkEntry]] = [:]
        for piece in pieces {
            let id = nextGroup()
            let chunks = piece.columns.sorted { $0.key < $1.key }.map { metric, column in
                BackgroundPriority.giveWay()
                return (metric, ChunkCodec.encode(column, of: piece))
            }
            for (metric, chunk) in chunks { entries[metric, default: []].append(ChunkEntry(group: id, records: chunk.upper)) }
            groups.append(NewGroup(id: id, attempt: attempt, firstStep: piece.steps[0], lastStep: piece.steps[piece.count - 1], rows: piece.count,
                                   steps: ChunkCodec.encode(steps: piece.steps), times: ChunkCodec.encode(times: piece.times), chunks: chunks))
        }
        let gone = Set(replaced.map(\.id))
        removed += replaced.map(\.id)
        let low = min(pieces[0].steps[0], replaced.map(\.firstStep).min() ?? .max)
        let high = max(pieces.map { $0.steps.last! }.max()!, replaced.map(\.lastStep).max() ?? .min)
        for (metric, added) in entries.sorted(by: { $0.key < $1.key }) {
            pages.append(try PyramidTable(metric: metric, attempt: attempt).change(removing: gone, between: low...high, adding: added, db))
        }
    }
}

/// The ids of a run's metrics, by the columns of its batches: most have those of the batch before.
private struct MetricIDs {
    private let byName: [String: Int64]
    private var last: (columns: [EncodedBatch.ColumnLayout], ids: [Int64]) = ([], [])

    init(of run: Int64, _ db: Database) throws {
        let rows = try Row.fetchAll(db, sql: "SELECT metric_name.name, metric.id FROM metric JOIN metric_name ON metric_name.id = name_id WHERE run_id = :run",
                                    arguments: ["run": run])
        byName = Dictionary(rows.map { ($0[0], $0[1]) }) { _, last in last }
    }

    /// `nil` if one is unknown.
    mutating func ids(of columns: [EncodedBatch.ColumnLayout]) -> [Int64]? {
        if columns.haveNames(of: last.columns) { return last.ids }
        let ids = columns.compactMap { byName[$0.name] }
        guard ids.count == columns.count else { return nil }
        last = (columns, ids)
        return ids
    }
}
