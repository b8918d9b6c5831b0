import Foundation

extension BatchScan {
    /// Puts the parts together; says what does not fit.
    func assembled() throws -> ScannedBatch {
        var batch = Batch(attempt: Int(attempt ?? 1), writer: writer ?? "http", sequence: UInt64(sequence ?? 1), extras: extras)
        var missingSteps = false
        if let rows {
            guard steps == nil, columns == nil, times == nil else {
                throw BatchJSONError(.content, at: columnsOffset, "a batch has \"rows\" or \"steps\" and \"columns\", not both")
            }
            (batch.steps, batch.times, batch.columns) = (rows.steps, rows.times, rows.finished())
            missingSteps = rows.hasSteps == false
        } else {
            (batch.steps, batch.times, batch.columns) = try columnar()
            missingSteps = steps == nil && !batch.steps.isEmpty
        }
        guard (writer == nil) == (sequence == nil) else {
            throw BatchJSONError(.content, at: 0, "\(writer == nil ? "sequence" : "writer") is given without \(writer == nil ? "writer" : "sequence"); give both or neither")
        }
        return ScannedBatch(batch: batch, hasWriterAndSequence: writer != nil, hasAttempt: attempt != nil, missingSteps: missingSteps)
    }

    /// Steps, times and columns of one length; what is missing is filled in.
    private func columnar() throws -> ([Int64], [Int64], [Batch.Column]) {
        guard let columns else {
            guard steps ?? [] == [], times ?? [] == [] else { throw BatchJSONError(.content, at: 0, "steps are given without \"columns\"") }
            return ([], [], [])
        }
        let rows = steps?.count ?? columns.first?.rowCount ?? 0
        for column in columns where column.rowCount != rows {
            throw BatchJSONError(.content, at: columnsOffset, "column \"\(column.name)\" has \(column.rowCount) values for \(rows) \(steps == nil ? "rows" : "steps")")
        }
        if let times, times.count != rows { throw BatchJSONError(.content, at: columnsOffset, "\(times.count) times are given for \(rows) rows") }
        guard rows <= limits.rows else { throw tooManyRows(rows, limits, at: columnsOffset) }
        return (steps ?? (0..<rows).map(Int64.init), times ?? [Int64](repeating: now, count: rows), columns.map(\.column))
    }

    /// The less frequent parts. Unknown keys are refused, so that a slip of the pen does not lose data.
    mutating func extra(_ key: String, at start: Int) throws {
        switch key {
        case "config": extras.config = try object(key, at: start)
        case "summary": extras.summary = try object(key, at: start)
        case "definitions": extras.definitions = try decode([MetricDefinition].self, key, at: start)
        case "histograms": extras.histograms = try decode([HistogramRecord].self, key, at: start)
        case "logs": extras.logs = try decode([LogLine].self, key, at: start)
        case "events": extras.events = try decode([RunEvent].self, key, at: start)
        case "media": extras.media = try decode([MediaReference].self, key, at: start)
        default:
            throw BatchJSONError(.content, at: start, "\"\(key.prefix(40))\" is not a part of a batch; known are writer, sequence, attempt, rows, "
                + "steps, times, columns, config, summary, definitions, histograms, logs, events, media")
        }
    }

    private mutating func object(_ key: String, at start: Int) throws -> JSONValue? {
        let value = try cursor.value(depth: 1, limit: limits.nesting)
        if value == .null { return nil }
        guard case .object = value else { throw BatchJSONError(.content, at: start, "\"\(key)\" is not an object") }
        return value
    }

    /// By way of `JSONValue`, so that bare `NaN` reads here as everywhere.
    private mutating func decode<Part: Decodable>(_ type: Part.Type, _ key: String, at start: Int) throws -> Part? {
        let value = try cursor.value(depth: 1, limit: limits.nesting)
        if value == .null { return nil }
        do {
            return try BatchCodec.makeJSONDecoder().decode(type, from: JSONEncoder().encode(value))
        } catch {
            throw BatchJSONError(.content, at: start, "\"\(key)\": \(describe(error))")
        }
    }
}
