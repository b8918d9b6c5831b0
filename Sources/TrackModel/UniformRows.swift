#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The quick way through rows that all look like the first: the same keys in the same order, written with the same bytes, a number for each.
///
/// Values are kept row after row until the columns are asked for; the first row that differs ends it, and the general way goes on.
struct UniformRows {
    /// What stands before each value in the input: `{"loss":`, then `,"acc":` and so on.
    private var leads: [(start: Int, length: Int)] = []
    private var values: [Double] = []
    private var isOn = false

    /// Learns from the first row's values, which the general way has read.
    /// - Parameter start: Where their object begins; the cursor stands behind it.
    mutating func begin(_ cursor: JSONCursor, from start: Int, width: Int) {
        (leads, isOn) = ([], false)
        var probe = cursor
        probe.offset = start
        guard width > 0, learn(&probe), leads.count == width, probe.offset == cursor.offset else { return leads = [] }
        isOn = true
    }

    /// Whether the object is nothing but keys without escapes and plain numbers.
    private mutating func learn(_ probe: inout JSONCursor) -> Bool {
        guard probe.byte == UInt8(ascii: "{") else { return false }
        repeat {
            let start = probe.offset
            probe.offset += 1
            probe.skipSpace()
            guard let key = try? probe.rawString(), !key.escaped, probe.take(UInt8(ascii: ":")) else { return false }
            probe.skipSpace()
            leads.append((start, probe.offset - start))
            guard isNumber(probe.byte), (try? probe.number()) != nil else { return false }
        } while probe.byte == UInt8(ascii: ",")
        return probe.take(UInt8(ascii: "}"))
    }

    /// Reads the values of row `row` if they are written like the first row's, and no row before it differed.
    /// - Returns: False if not; the cursor has not moved then.
    /// - Throws: ``BatchJSONError`` for a number that is none.
    mutating func take(_ cursor: inout JSONCursor, row: Int) throws -> Bool {
        guard isOn, values.count == (row - 1) * leads.count else { return false }
        let start = cursor.offset, known = values.count
        for lead in leads {
            guard cursor.count - cursor.offset > lead.length, memcmp(cursor.base + cursor.offset, cursor.base + lead.start, lead.length) == 0,
                  isNumber(cursor.base[cursor.offset + lead.length]) else { return undo(&cursor, start, known) }
            cursor.offset += lead.length
            values.append(try cursor.number())
        }
        return cursor.take(UInt8(ascii: "}")) || undo(&cursor, start, known)
    }

    private mutating func undo(_ cursor: inout JSONCursor, _ start: Int, _ known: Int) -> Bool {
        cursor.offset = start
        values.removeLast(values.count - known)
        return false
    }

    /// Hands over what was read; from now on every row goes the general way.
    mutating func end(_ columns: inout RowColumns) {
        guard isOn else { return }
        isOn = false
        columns.append(uniform: values, from: 1)
        values = []
    }

    @inline(__always)
    private func isNumber(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || byte == UInt8(ascii: "-") }
}
