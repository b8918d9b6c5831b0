/// Columns that grow row by row, as rows with any names come in.
struct RowColumns {
    var steps: [Int64] = []
    var times: [Int64] = []
    /// Whether rows carry steps; `nil` before the first.
    var hasSteps: Bool?
    private(set) var columns: [Growing] = []
    private var places: [String: Int] = [:]

    struct Growing {
        var name: String
        /// The key as the last row wrote it, for a quick comparison with the next.
        var rawKey: [UInt8]
        var values: [Double] = []
        /// Built at the first gap.
        var presence: [UInt64]?
        var lastRow = -1
    }

    var count: Int { columns.count }

    /// The column of `name`, made if it is new.
    mutating func place(of name: String, rawKey: [UInt8]) -> Int {
        if let place = places[name] { return place }
        places[name] = columns.count
        columns.append(Growing(name: name, rawKey: rawKey))
        return columns.count - 1
    }

    @inline(__always)
    func rawKeyMatches(_ place: Int, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
        let raw = columns[place].rawKey
        if raw.count != key.count { return false }
        for index in 0..<key.count where raw[index] != key[index] { return false }
        return true
    }

    /// Sets the value of the current row; a second value for the same name replaces the first.
    @inline(__always)
    mutating func set(_ value: Double, at place: Int, row: Int) {
        if columns[place].lastRow == row { columns[place].values[columns[place].values.count - 1] = value; return }
        if columns[place].lastRow != row - 1 || columns[place].presence != nil { markPresent(place, row: row) }
        columns[place].lastRow = row
        columns[place].values.append(value)
    }

    private mutating func markPresent(_ place: Int, row: Int) {
        var presence = columns[place].presence ?? allPresent(columns[place].values.count)
        while presence.count <= row / 64 { presence.append(0) }
        presence[row / 64] |= 1 << UInt64(row % 64)
        columns[place].presence = presence
    }

    private func allPresent(_ rows: Int) -> [UInt64] {
        var words = [UInt64](repeating: .max, count: rows / 64)
        if rows % 64 > 0 { words.append(1 << UInt64(rows % 64) - 1) }
        return words
    }

    /// Takes rows that had a value for every column, in column order: row after row in `values`.
    mutating func append(uniform values: [Double], from row: Int) {
        if values.isEmpty { return }
        let width = columns.count, rows = values.count / width
        for place in columns.indices {
            columns[place].values += [Double](unsafeUninitializedCapacity: rows) { out, initialized in
                for index in 0..<rows { (out.baseAddress! + index).initialize(to: values[index * width + place]) }
                initialized = rows
            }
            columns[place].lastRow = row + rows - 1
        }
    }

    /// The columns with bitmaps of full length; names without any value are left out.
    func finished() -> [Batch.Column] {
        let rows = steps.count
        return columns.compactMap { column in
            guard !column.values.isEmpty else { return nil }
            guard column.values.count < rows else { return Batch.Column(name: column.name, values: column.values) }
            var presence = column.presence ?? allPresent(column.values.count)
            presence.append(contentsOf: repeatElement(0, count: (rows + 63) / 64 - presence.count))
            return Batch.Column(name: column.name, presence: presence, values: column.values)
        }
    }
}
