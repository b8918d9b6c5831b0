extension JSONCursor {
    /// Any value, non-finite literals included. `depth` counts the levels around it.
    mutating func value(depth: Int, limit: Int) throws -> JSONValue {
        skipSpace()
        switch byte {
        case UInt8(ascii: "{"): return .object(try members(depth: depth + 1, limit: limit))
        case UInt8(ascii: "["): return .array(try elements(depth: depth + 1, limit: limit))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t") where take(word: "true"): return .bool(true)
        case UInt8(ascii: "f") where take(word: "false"): return .bool(false)
        case UInt8(ascii: "n") where take(word: "null"): return .null
        default: return try numberValue()
        }
    }

    private mutating func numberValue() throws -> JSONValue {
        let start = offset
        guard offset < count, byte == UInt8(ascii: "-") || byte &- 0x30 < 10 || byte == UInt8(ascii: "N") || byte == UInt8(ascii: "I") else {
            throw unexpected("a value")
        }
        let value = try number()
        let text = UnsafeBufferPointer(start: base + start, count: offset - start)
        if !text.contains(where: { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }), let integer = Int64(String(decoding: text, as: UTF8.self)) {
            return .integer(integer)
        }
        return .number(value)
    }

    private mutating func members(depth: Int, limit: Int) throws -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        try eachMember(depth: depth, limit: limit) { cursor, key in
            members[try cursor.text(key)] = try cursor.value(depth: depth, limit: limit)
        }
        return members
    }

    private mutating func elements(depth: Int, limit: Int) throws -> [JSONValue] {
        var elements: [JSONValue] = []
        try eachElement(depth: depth, limit: limit) { cursor in elements.append(try cursor.value(depth: depth, limit: limit)) }
        return elements
    }

    /// Calls `body` at each value of an object, with its raw key.
    @inline(__always)
    mutating func eachMember(
        depth: Int, limit: Int, _ body: (inout JSONCursor, (start: Int, end: Int, escaped: Bool)) throws -> Void
    ) throws {
        try checkDepth(depth, limit)
        try expect(UInt8(ascii: "{"))
        if take(UInt8(ascii: "}")) { return }
        repeat {
            let key = try rawString()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            try body(&self, key)
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw unexpected("\",\" or \"}\"") }
    }

    /// Calls `body` at each element of an array.
    @inline(__always)
    mutating func eachElement(depth: Int, limit: Int, _ body: (inout JSONCursor) throws -> Void) throws {
        try checkDepth(depth, limit)
        try expect(UInt8(ascii: "["))
        if take(UInt8(ascii: "]")) { return }
        repeat {
            skipSpace()
            try body(&self)
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw unexpected("\",\" or \"]\"") }
    }

    private func checkDepth(_ depth: Int, _ limit: Int) throws {
        guard depth <= limit else {
            throw BatchJSONError(.nesting(given: depth, limit: limit), at: offset, "values are nested deeper than \(limit) levels")
        }
    }
}
