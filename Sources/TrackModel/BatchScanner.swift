import Foundation

/// A JSON batch as it was sent, with what it left for the server to fill in.
public struct ScannedBatch: Sendable, Equatable {
    /// Writer, sequence and attempt are placeholders (`http`, 1, 1) where they were not given; missing steps count from 0.
    public var batch: Batch
    /// Whether both were given; without them each post counts as new.
    public var hasWriterAndSequence: Bool
    public var hasAttempt: Bool
    /// No row had a step: they follow the greatest step so far.
    public var missingSteps: Bool

    public init(batch: Batch, hasWriterAndSequence: Bool, hasAttempt: Bool, missingSteps: Bool) {
        (self.batch, self.hasWriterAndSequence) = (batch, hasWriterAndSequence)
        (self.hasAttempt, self.missingSteps) = (hasAttempt, missingSteps)
    }
}

/// Reads the JSON form of a batch (`docs/api.md`, Rows) straight from its bytes into columns.
///
/// Numbers are bit-equal to `strtod`. `NaN` and `Infinity` may stand as words in quotes or bare, as Python writes them; `null` is an
/// absent value; nested values become paths: `{"train":{"loss":1}}` is `train/loss`; `true` and `false` are 1 and 0.
public enum BatchScanner {
    /// - Parameter now: Microseconds since 1970, for rows without a time; `nil` means the clock's.
    /// - Throws: ``BatchJSONError`` with the byte where it fails.
    /// - Complexity: O(bytes).
    public static func scan(_ bytes: [UInt8], limits: BatchLimits = BatchLimits(), now: Int64? = nil) throws -> ScannedBatch {
        try bytes.withUnsafeBufferPointer { buffer in
            var scan = BatchScan(cursor: JSONCursor(buffer), limits: limits, now: now ?? Int64(Date().timeIntervalSince1970 * 1e6))
            return try scan.run()
        }
    }
}

/// One scan: the cursor, and the parts found so far.
struct BatchScan {
    var cursor: JSONCursor
    let limits: BatchLimits
    let now: Int64
    var attempt: Int64?
    var writer: String?
    var sequence: Int64?
    var rows: RowColumns?
    var steps: [Int64]?
    var times: [Int64]?
    var columns: [ColumnScan.Scanned]?
    var columnsOffset = 0
    var extras = BatchExtras()

    init(cursor: JSONCursor, limits: BatchLimits, now: Int64) { (self.cursor, self.limits, self.now) = (cursor, limits, now) }

    mutating func run() throws -> ScannedBatch {
        cursor.skipSpace()
        guard cursor.byte == UInt8(ascii: "{") else { throw cursor.unexpected("an object") }
        try members()
        cursor.skipSpace()
        guard cursor.offset == cursor.count else { throw cursor.unexpected("the end") }
        return try assembled()
    }

    private mutating func members() throws {
        try cursor.expect(UInt8(ascii: "{"))
        if cursor.take(UInt8(ascii: "}")) { return }
        repeat {
            let raw = try cursor.rawString()
            let key = try cursor.text(raw)
            try cursor.expect(UInt8(ascii: ":"))
            cursor.skipSpace()
            try member(key, at: raw.start)
        } while cursor.take(UInt8(ascii: ","))
        guard cursor.take(UInt8(ascii: "}")) else { throw cursor.unexpected("\",\" or \"}\"") }
    }

    private mutating func member(_ key: String, at start: Int) throws {
        switch key {
        case "rows": rows = try RowScan.rows(&cursor, limits: limits, now: now)
        case "steps": steps = try integers("a step")
        case "times": times = try integers("a time")
        case "columns":
            columnsOffset = start
            columns = try ColumnScan.columns(&cursor, limits: limits)
        case "writer":
            writer = try cursor.string()
            guard (1...64).contains(writer!.utf8.count) else { throw BatchJSONError(.content, at: start, "writer has \(writer!.utf8.count) bytes, 1 … 64 are allowed") }
        case "sequence": sequence = try positive("sequence", at: start, upTo: .max)
        case "attempt": attempt = try positive("attempt", at: start, upTo: 1_000_000)
        default: try extra(key, at: start)
        }
    }

    private mutating func positive(_ name: String, at start: Int, upTo limit: Int64) throws -> Int64 {
        let value = try cursor.integer(name)
        guard value >= 1, value <= limit else { throw BatchJSONError(.content, at: start, "\(name) is \(value), allowed is 1 … \(limit)") }
        return value
    }

    private mutating func integers(_ what: String) throws -> [Int64] {
        var values: [Int64] = []
        try cursor.eachElement(depth: 2, limit: limits.nesting) { cursor in values.append(try cursor.integer(what)) }
        guard values.count <= limits.rows else { throw tooManyRows(values.count, limits, at: cursor.offset) }
        return values
    }
}

func tooManyRows(_ given: Int, _ limits: BatchLimits, at offset: Int) -> BatchJSONError {
    BatchJSONError(.content, at: offset, "a batch of \(given) rows is too long, \(limits.rows) are allowed")
}
