import TrackModel

/// Reads a writer's spool from where it was acknowledged, batch by batch, across segments. A value: keep a copy to go back.
struct SpoolReader {
    private let source: any SpoolSource
    private var cursor: SpoolCursor?
    private var segment: UInt32
    /// What the writer said at its end.
    private(set) var end: EndRecord?
    /// Rows read, and rows known to be gone, since the spool's beginning.
    private var passedRows: UInt64
    /// Rows that are gone: each segment says how many came before it.
    private(set) var lostRows: UInt64
    /// Segments that were not whole, or not there.
    private(set) var gaps: UInt32
    /// The writer is known to be dead, so that what is not there will never come.
    private var isAbandoned = false
    private var tornSegment: UInt32 = 0
    private var newest: Segment?

    init(_ source: any SpoolSource, from state: SpoolState) {
        self.source = source
        (segment, passedRows, lostRows, gaps) = (state.acknowledged.segment, state.passedRows, state.lostRows, state.gaps)
        guard let found = source.reading(segment) else { return }
        var cursor = SpoolCursor(found)
        while cursor.offset < state.acknowledged.offset, case .record(let record) = cursor.next() {
            if case .end(let payload) = record { end = try? decode(EndRecord.self, Array(payload)) }
        }
        (self.cursor, newest) = (cursor, found)
    }

    /// Where the next record is.
    var position: SpoolPosition { cursor?.position ?? SpoolPosition(segment: segment, offset: UInt32(SpoolFormat.headerBytes)) }

    /// What the writer could not keep, as far as it is known here.
    var tally: (rows: Int, records: Int) { newest?.tally ?? (0, 0) }

    /// Rows in the spool up to here, whatever became of them.
    var rowsSoFar: UInt64 { passedRows }

    /// Gathers records until the limit, the end of what is written, or `until`.
    mutating func gather(_ limit: BatchBuilder.Limit, until: SpoolPosition? = nil) -> BatchBuilder {
        var builder = BatchBuilder()
        while !builder.isFull(limit) {
            if let until, position >= until { break }
            guard let record = step() else { break }
            if let cursor { builder.add(record, from: cursor) }
        }
        builder.settle()
        return builder
    }

    /// The next record that is whole, going over to later segments.
    private mutating func step() -> SpoolCursor.Record? {
        if cursor == nil, !open(segment), !skip(from: segment) { return nil }
        while true {
            guard let result = cursor?.next() else { return nil }
            switch result {
            case .record(.roll):
                if !open(segment + 1), !skip(from: segment + 1) { (cursor, segment) = (nil, segment + 1); return nil }
            case .record(let record):
                note(record)
                return record
            case .nothing, .torn:
                // The writer may have written between our look and its death: once it is known to be dead, look again.
                if !isAbandoned {
                    if source.isGrowing { return nil }
                    isAbandoned = true
                    continue
                }
                if case .torn = result { noteTear() }
                if !open(segment + 1), !skip(from: segment + 1) { return nil }
            }
        }
    }

    private mutating func note(_ record: SpoolCursor.Record) {
        switch record {
        case .row: passedRows += 1
        case .end(let payload): end = try? decode(EndRecord.self, Array(payload))
        default: break
        }
    }

    private mutating func noteTear() {
        if tornSegment == segment { return }
        tornSegment = segment
        gaps += 1
    }

    private mutating func open(_ number: UInt32) -> Bool {
        guard let found = source.reading(number) else { return false }
        enter(found)
        return true
    }

    /// Goes on with the next segment there is, after some were thrown away or lost.
    private mutating func skip(from first: UInt32) -> Bool {
        guard source.showsEverything else { return false }
        for number in source.numbers() where number >= first {
            guard let found = source.reading(number) else { continue }
            if number > first { gaps += 1 }         // else it has just been made
            enter(found)
            return true
        }
        return false
    }

    private mutating func enter(_ found: Segment) {
        (cursor, segment, newest) = (SpoolCursor(found), found.number, found)
        guard let before = found.rowsBefore, before > passedRows else { return }
        lostRows += before - passedRows
        passedRows = before
    }
}

/// How a run ended, as its writer saw it.
struct EndRecord: Codable, Sendable, Equatable {
    var state: RunState
    var exitCode: Int?
    var report: JSONValue?
}
