/// Reads `"columns": {"loss":[0.5,null], "val":{"acc":[…]}}`.
struct ColumnScan {
    struct Scanned {
        var column: Batch.Column
        var rowCount: Int
        var name: String { column.name }
    }

    private var columns: [Scanned] = []
    private var places: [String: Int] = [:]
    private let limits: BatchLimits

    private init(limits: BatchLimits) { self.limits = limits }

    static func columns(_ cursor: inout JSONCursor, limits: BatchLimits) throws -> [Scanned] {
        var scan = ColumnScan(limits: limits)
        guard cursor.byte == UInt8(ascii: "{") else { throw cursor.unexpected("an object of columns") }
        try scan.members(&cursor, prefix: "", depth: 2)
        return scan.columns
    }

    private mutating func members(_ cursor: inout JSONCursor, prefix: String, depth: Int) throws {
        try cursor.eachMember(depth: depth, limit: limits.nesting) { cursor, key in
            let name = try metricName(cursor.text(key), prefix: prefix, limits: limits, at: key.start)
            if cursor.byte == UInt8(ascii: "{") { return try members(&cursor, prefix: name, depth: depth + 1) }
            guard cursor.byte == UInt8(ascii: "[") else { throw cursor.unexpected("an array of values") }
            let scanned = try column(&cursor, name: name, depth: depth + 1)
            if let place = places[name] { columns[place] = scanned; return }     // the last of a repeated key counts, as in any JSON
            guard columns.count < limits.metricsPerRun else {
                throw BatchJSONError(.content, at: key.start, "a batch of more than \(limits.metricsPerRun) metrics is too wide")
            }
            places[name] = columns.count
            columns.append(scanned)
        }
    }

    private func column(_ cursor: inout JSONCursor, name: String, depth: Int) throws -> Scanned {
        var values: [Double] = [], presence: [UInt64]?, row = 0
        try cursor.eachElement(depth: depth, limit: limits.nesting) { cursor in
            let value = try cursor.metricValue()
            if value == nil, presence == nil { presence = firstGap(after: row) }
            if presence != nil, row % 64 == 0, presence!.count <= row / 64 { presence!.append(0) }
            if let value {
                values.append(value)
                presence?[row / 64] |= 1 << UInt64(row % 64)
            }
            row += 1
            guard row <= limits.rows else { throw tooManyRows(row, limits, at: cursor.offset) }
        }
        return Scanned(column: Batch.Column(name: name, presence: presence, values: values), rowCount: row)
    }

    /// The bits of `rows` present rows, with a word ready for the next.
    private func firstGap(after rows: Int) -> [UInt64] {
        var words = [UInt64](repeating: .max, count: rows / 64)
        if rows % 64 > 0 { words.append(1 << UInt64(rows % 64) - 1) }
        return words
    }
}
