/// Reads `"rows": [{"step":1,"time":…,"values":{…}}, …]`.
struct RowScan {
    private var columns = RowColumns()
    private let limits: BatchLimits
    private let now: Int64
    /// Where the next key is expected: rows of one program name their values in one order.
    private var expected = 0
    private var uniform = UniformRows()

    private init(limits: BatchLimits, now: Int64) { (self.limits, self.now) = (limits, now) }

    static func rows(_ cursor: inout JSONCursor, limits: BatchLimits, now: Int64) throws -> RowColumns {
        var scan = RowScan(limits: limits, now: now)
        try cursor.eachElement(depth: 2, limit: limits.nesting) { cursor in try scan.row(&cursor) }
        scan.uniform.end(&scan.columns)
        return scan.columns
    }

    private mutating func row(_ cursor: inout JSONCursor) throws {
        let row = columns.steps.count, start = cursor.offset
        guard row < limits.rows else { throw tooManyRows(row + 1, limits, at: start) }
        if try uniform.take(&cursor, into: &columns, now: now) { return }
        uniform.end(&columns)
        var step: Int64?, time: Int64?
        expected = 0
        try cursor.eachMember(depth: 3, limit: limits.nesting) { cursor, key in
            switch cursor.keyWord(key) {
            case .step: step = cursor.take(word: "null") ? nil : try cursor.integer("a step")
            case .time: time = cursor.take(word: "null") ? nil : try cursor.integer("a time")
            case .values: try values(&cursor, prefix: "", row: row, depth: 4)
            case nil:
                throw BatchJSONError(.content, at: key.start, "\"\(try cursor.text(key).prefix(40))\" is not a part of a row; known are step, time and values")
            }
        }
        try note(step, at: start, row: row)
        columns.times.append(time ?? now)
        if row == 0 { uniform.begin(cursor, from: start, columns) }
    }

    private mutating func note(_ step: Int64?, at start: Int, row: Int) throws {
        if let hasSteps = columns.hasSteps, hasSteps != (step != nil) {
            throw BatchJSONError(.content, at: start, "row \(row) has \(hasSteps ? "no" : "a") step, unlike those before it; give all rows a step, or none")
        }
        columns.hasSteps = step != nil
        columns.steps.append(step ?? Int64(row))
    }

    private mutating func values(_ cursor: inout JSONCursor, prefix: String, row: Int, depth: Int) throws {
        if cursor.take(word: "null") { return }
        guard cursor.byte == UInt8(ascii: "{") else { throw cursor.unexpected("an object of values") }
        try cursor.eachMember(depth: depth, limit: limits.nesting) { cursor, key in
            if cursor.byte == UInt8(ascii: "{") {
                let name = try cursor.text(key)
                try values(&cursor, prefix: prefix.isEmpty ? name : prefix + "/" + name, row: row, depth: depth + 1)
            } else if let value = try cursor.metricValue() {
                let place = try place(cursor, key, prefix)
                columns.set(value, at: place, row: row)
                expected = place + 1
            }
        }
    }

    @inline(__always)
    private mutating func place(_ cursor: JSONCursor, _ key: (start: Int, end: Int, escaped: Bool), _ prefix: String) throws -> Int {
        let raw = UnsafeBufferPointer(start: cursor.base + key.start, count: key.end - key.start)
        if prefix.isEmpty, expected < columns.count, columns.rawKeyMatches(expected, raw) { return expected }
        let name = try metricName(cursor.text(key), prefix: prefix, limits: limits, at: key.start)
        guard columns.count < limits.metricsPerRun else {
            throw BatchJSONError(.content, at: key.start, "a batch of more than \(limits.metricsPerRun) metrics is too wide")
        }
        return columns.place(of: name, rawKey: prefix.isEmpty ? Array(raw) : [])
    }
}

/// A metric's full name, checked.
func metricName(_ name: String, prefix: String, limits: BatchLimits, at offset: Int) throws -> String {
    let full = prefix.isEmpty ? name : prefix + "/" + name
    guard !name.isEmpty else { throw BatchJSONError(.name, at: offset, "a metric's name is empty") }
    guard full.utf8.count <= limits.nameBytes else {
        throw BatchJSONError(.name, at: offset, "a metric's name has \(full.utf8.count) bytes, \(limits.nameBytes) are allowed")
    }
    return full
}

extension JSONCursor {
    enum RowWord { case step, time, values }

    /// Which part of a row a key names, escapes aside.
    @inline(__always)
    func keyWord(_ key: (start: Int, end: Int, escaped: Bool)) -> RowWord? {
        func equals(_ word: StaticString) -> Bool {
            guard key.end - key.start == word.utf8CodeUnitCount else { return false }
            for index in 0..<word.utf8CodeUnitCount where base[key.start + index] != word.utf8Start[index] { return false }
            return true
        }
        if equals("values") { return .values }
        if equals("step") { return .step }
        return equals("time") ? .time : nil
    }

    /// A metric's value; `nil` for null.
    @inline(__always)
    mutating func metricValue() throws -> Double? {
        let first = byte
        if first &- 0x30 < 10 || first == UInt8(ascii: "-") { return try number() }
        return try unusualValue()
    }

    private mutating func unusualValue() throws -> Double? {
        let start = offset
        switch byte {
        case UInt8(ascii: "n") where take(word: "null"): return nil
        case UInt8(ascii: "t") where take(word: "true"): return 1
        case UInt8(ascii: "f") where take(word: "false"): return 0
        case UInt8(ascii: "N"), UInt8(ascii: "I"): return try number()
        case UInt8(ascii: "\""):
            let word = try string()
            guard let value = nonFiniteValue(word) else {
                throw BatchJSONError(.content, at: start, "a value is the text \"\(word.prefix(40))\"; numbers, null and the words NaN, Infinity and -Infinity are allowed")
            }
            return value
        case UInt8(ascii: "["): throw BatchJSONError(.content, at: start, "a value is an array; a metric's value is one number")
        case UInt8(ascii: "{"): throw BatchJSONError(.content, at: start, "a value is an object where a number is needed")
        default: throw unexpected("a number")
        }
    }
}
