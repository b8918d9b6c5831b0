/// The quick way through rows that all look like the first: written with the same bytes, but for their numbers.
///
/// Values are kept row after row until the columns are asked for; the first row that differs ends it, and the general way goes on.
struct UniformRows {
    private enum Slot { case step, time, value }

    /// How a row is written, but for its numbers.
    private struct Form {
        /// What stands before each number in the input, `{"step":`, then `,"values":{"loss":` and so on, and which number it is.
        var leads: [(start: Int, length: Int, slot: Slot)] = []
        /// What stands behind the last number.
        var closing = (start: 0, length: 0)

        /// The numbers of one row; `nil` if anything but numbers differs. The cursor is a copy, so that it stays in registers.
        func read(_ cursor: JSONCursor, _ out: UnsafeMutablePointer<Double>) throws -> (step: Int64, time: Int64?, end: Int)? {
            var cursor = cursor, place = 0, step: Int64 = 0, time: Int64?
            for lead in leads {
                guard cursor.count - cursor.offset > lead.length, UniformRows.areSame(cursor.base + cursor.offset, cursor.base + lead.start, lead.length),
                      UniformRows.isNumber(cursor.base[cursor.offset + lead.length]) else { return nil }
                cursor.offset += lead.length
                switch lead.slot {
                case .value:
                    out[place] = try cursor.number()
                    place += 1
                case .step: step = try cursor.integer("a step")
                case .time: time = try cursor.integer("a time")
                }
            }
            guard cursor.count - cursor.offset >= closing.length,
                  UniformRows.areSame(cursor.base + cursor.offset, cursor.base + closing.start, closing.length) else { return nil }
            return (step, time, cursor.offset + closing.length)
        }
    }

    private var form = Form()
    private var width = 0
    private var values: [Double] = []
    private var isOn = false

    /// Learns from the first row, which the general way has read.
    /// - Parameter start: Where it begins; the cursor stands behind it.
    /// - Parameter columns: What was read of it.
    mutating func begin(_ cursor: JSONCursor, from start: Int, _ columns: RowColumns) {
        (form, width) = (Form(), columns.count)
        var probe = cursor
        probe.offset = start
        guard width > 0, columns.hasSteps == true, learnRow(&probe), probe.offset == cursor.offset,
              form.leads.count(where: { $0.slot == .value }) == width else { return }
        isOn = true
    }

    /// Whether the row is nothing but a step, perhaps a time, and values: keys without escapes and plain numbers.
    private mutating func learnRow(_ probe: inout JSONCursor) -> Bool {
        var last = probe.offset, parts: Set<JSONCursor.RowWord> = []
        probe.offset += 1
        repeat {
            guard let word = key(&probe).flatMap(probe.keyWord), parts.insert(word).inserted else { return false }
            let isLearnt = switch word {
            case .step: learnNumber(.step, &probe, &last)
            case .time: learnNumber(.time, &probe, &last)
            case .values: learnValues(&probe, &last)
            }
            guard isLearnt else { return false }
        } while probe.take(UInt8(ascii: ","))
        guard probe.take(UInt8(ascii: "}")) else { return false }
        form.closing = (last, probe.offset - last)
        return parts.contains(.step) && parts.contains(.values)
    }

    private mutating func learnValues(_ probe: inout JSONCursor, _ last: inout Int) -> Bool {
        guard probe.take(UInt8(ascii: "{")) else { return false }
        repeat {
            guard key(&probe) != nil, learnNumber(.value, &probe, &last) else { return false }
        } while probe.take(UInt8(ascii: ","))
        return probe.take(UInt8(ascii: "}"))
    }

    /// A key without escapes with its colon; the probe stands at what follows.
    private func key(_ probe: inout JSONCursor) -> (start: Int, end: Int, escaped: Bool)? {
        guard let key = try? probe.rawString(), !key.escaped, probe.take(UInt8(ascii: ":")) else { return nil }
        probe.skipSpace()
        return key
    }

    private mutating func learnNumber(_ slot: Slot, _ probe: inout JSONCursor, _ last: inout Int) -> Bool {
        form.leads.append((last, probe.offset - last, slot))
        guard Self.isNumber(probe.byte), (try? probe.number()) != nil else { return false }
        last = probe.offset
        return true
    }

    /// Reads a row if it is written like the first, and no row before it differed.
    /// - Parameter now: The time of rows that say none.
    /// - Returns: False if it is written differently; the cursor has not moved then.
    /// - Throws: ``BatchJSONError`` for a number that is none.
    mutating func take(_ cursor: inout JSONCursor, into columns: inout RowColumns, now: Int64) throws -> Bool {
        guard isOn else { return false }
        let known = values.count, form = form
        values.append(contentsOf: repeatElement(0, count: width))
        let row = try values.withUnsafeMutableBufferPointer { try form.read(cursor, $0.baseAddress! + known) }
        guard let row else {
            values.removeLast(width)
            return false
        }
        cursor.offset = row.end
        columns.steps.append(row.step)
        columns.times.append(row.time ?? now)
        return true
    }

    /// Hands over what was read; from now on every row goes the general way.
    mutating func end(_ columns: inout RowColumns) {
        guard isOn else { return }
        isOn = false
        columns.append(uniform: values, from: 1)
        values = []
    }

    /// `memcmp` would be a call for what is mostly two or three words.
    @inline(__always)
    private static func areSame(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        let left = UnsafeRawPointer(left), right = UnsafeRawPointer(right)
        var place = 0, differences: UInt64 = 0
        while place &+ 8 <= length {
            differences |= left.loadUnaligned(fromByteOffset: place, as: UInt64.self) ^ right.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            place &+= 8
        }
        while place < length {
            differences |= UInt64(left.load(fromByteOffset: place, as: UInt8.self) ^ right.load(fromByteOffset: place, as: UInt8.self))
            place &+= 1
        }
        return differences == 0
    }

    @inline(__always)
    private static func isNumber(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || byte == UInt8(ascii: "-") }
}
