import TrackModel

/// Reads a writer's spool from where it was acknowledged, batch by batch, across segments.
struct SpoolReader {
    private let source: any SpoolSource
    private var cursor: SpoolCursor?
    private var segment: UInt32
    /// What the writer said at its end.
    private(set) var end: EndRecord?
    /// Records that were not whole; the rest of their segment is left out.
    private(set) var tornSegments = 0
    private(set) var lostSegments = 0

    init(_ source: any SpoolSource, from start: SpoolPosition) {
        self.source = source
        segment = start.segment
        guard open(start.segment) else { return }
        while let here = cursor, here.position.segment == start.segment, here.offset < start.offset, step() != nil {}
    }

    /// Where the next record is.
    var position: SpoolPosition { cursor?.position ?? SpoolPosition(segment: segment, offset: UInt32(SpoolFormat.headerBytes)) }

    /// Gathers records until the limit, the end of what is written, or `until`.
    mutating func gather(_ limit: BatchBuilder.Limit, until: SpoolPosition? = nil) -> BatchBuilder {
        var builder = BatchBuilder()
        while !builder.isFull(limit) {
            if let until, position >= until { break }
            guard let record = step() else { break }
            if let cursor { builder.add(record, from: cursor) }
        }
        return builder
    }

    /// The next record that is whole, going over to later segments.
    private mutating func step() -> SpoolCursor.Record? {
        if cursor == nil, !open(segment) { return nil }
        while true {
            guard let result = cursor?.next() else { return nil }
            switch result {
            case .record(.roll):
                if !open(segment + 1), !skip() { cursor = nil; segment += 1; return nil }
            case .record(let record):
                if case .end(let payload) = record { end = try? decode(EndRecord.self, Array(payload)) }
                return record
            case .nothing:
                if source.isGrowing || !open(segment + 1) { return nil }
            case .torn:
                if source.isGrowing { return nil }
                tornSegments += 1
                if !open(segment + 1) { return nil }
            }
        }
    }

    private mutating func open(_ number: UInt32) -> Bool {
        guard let found = source.reading(number) else {
            return number == segment && cursor == nil ? skip() : false
        }
        (cursor, segment) = (SpoolCursor(found), number)
        return true
    }

    /// Goes on with the next segment there is, after some were thrown away.
    private mutating func skip() -> Bool {
        guard let next = source.numbersOnDisk().first(where: { $0 > segment }), let found = source.reading(next) else { return false }
        lostSegments += Int(next - segment)
        (cursor, segment) = (SpoolCursor(found), next)
        return true
    }
}

/// How a run ended, as its writer saw it.
struct EndRecord: Codable, Sendable, Equatable {
    var state: RunState
    var exitCode: Int?
    var report: JSONValue?
}
