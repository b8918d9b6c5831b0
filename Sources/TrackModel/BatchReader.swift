/// Why bytes are not a batch. The server answers `invalid_batch` (422) and stores nothing.
public enum BatchError: Error, Equatable, CustomStringConvertible {
    case truncated(part: String, needed: Int, given: Int)
    case length(expected: Int, given: Int)
    case magic
    case version(UInt16)
    case flags(UInt16)
    case field(name: String, value: String, allowed: String)
    case text(part: String)
    case repeatedName(String)
    case presence(metric: String, rows: Int)
    case extras(String)

    public var description: String {
        switch self {
        case .truncated(let part, let needed, let given):
            "The batch ends inside its \(part): \(needed) bytes are needed, \(given) are there. Send the batch whole."
        case .length(let expected, let given):
            "The batch says that it is \(expected) bytes long, but \(given) were sent. Check its counts."
        case .magic: "This is not a batch: it does not begin with \"TRKB\". Send JSON as application/json."
        case .version(let version): "Batch version \(version) is not known here; this server reads version 1. Update the server."
        case .flags(let flags): "Batch flags \(flags) are not known here; version 1 has none. Update the server."
        case .field(let name, let value, let allowed): "The batch's \(name) is \(value); allowed is \(allowed)."
        case .text(let part): "The batch's \(part) is not UTF-8."
        case .repeatedName(let name): "Metric \"\(name)\" stands twice in the batch. Send one column for each metric."
        case .presence(let metric, let rows): "The presence bits of \"\(metric)\" go beyond the batch's \(rows) rows. Clear the unused bits."
        case .extras(let reason): "The batch's extras cannot be read: \(reason)."
        }
    }
}

/// Reads the parts of a batch in order, checking that each lies inside.
struct BatchReader {
    static let attempts = 1...1_000_000, sequences: ClosedRange<UInt64> = 1...UInt64(Int64.max)

    let bytes: [UInt8]
    var offset = 0

    struct Header {
        var attempt, rows, columns, extrasLength, namesLength, writerLength: Int
        var sequence: UInt64
    }

    mutating func header(_ limits: BatchLimits) throws -> Header {
        guard bytes.count >= BatchCodec.headerBytes else {
            throw BatchError.truncated(part: "header", needed: BatchCodec.headerBytes, given: bytes.count)
        }
        guard integer(UInt32.self) == BatchCodec.magic else { throw BatchError.magic }
        let version = integer(UInt16.self), flags = integer(UInt16.self)
        guard version == 1 else { throw BatchError.version(version) }
        guard flags == 0 else { throw BatchError.flags(flags) }
        let attempt = Int(integer(UInt32.self)), rows = Int(integer(UInt32.self)), columns = Int(integer(UInt32.self))
        let extras = Int(integer(UInt32.self)), sequence = integer(UInt64.self), names = Int(integer(UInt32.self))
        let writer = integer(UInt32.self)
        try require("attempt", attempt, in: Self.attempts)
        try require("row count", rows, in: 0...limits.rows)
        try require("column count", columns, in: 0...limits.metricsPerRun)
        try require("writer length", Int(writer), in: 1...64)
        guard Self.sequences.contains(sequence) else {
            throw BatchError.field(name: "sequence", value: "\(sequence)", allowed: "1 … \(Int64.max)")
        }
        return Header(attempt: attempt, rows: rows, columns: columns, extrasLength: extras, namesLength: names,
                      writerLength: Int(writer), sequence: sequence)
    }

    mutating func names(_ header: Header, _ limits: BatchLimits) throws -> [(name: String, hasBitmap: Bool)] {
        let end = offset + header.namesLength
        try need(header.namesLength, as: "names")
        var names: [(name: String, hasBitmap: Bool)] = []
        names.reserveCapacity(Swift.min(header.columns, header.namesLength / 3))
        var seen = Set<String>(minimumCapacity: names.capacity)
        for _ in 0..<header.columns {
            try need(3, as: "names")
            let length = Int(integer(UInt16.self)), flags = integer(UInt8.self)
            try require("metric name length", length, in: 1...limits.nameBytes)
            guard flags <= 1 else { throw BatchError.field(name: "column flags", value: "\(flags)", allowed: "0 or 1") }
            let name = try text(length, as: "metric name")
            guard seen.insert(name).inserted else { throw BatchError.repeatedName(name) }
            names.append((name, flags == 1))
        }
        guard offset == end else { throw BatchError.field(name: "names length", value: "\(header.namesLength)", allowed: "\(header.namesLength + offset - end)") }
        return names
    }

    mutating func column(name: String, hasBitmap: Bool, rows: Int) throws -> EncodedBatch.ColumnLayout {
        guard hasBitmap else {
            let start = offset
            try skip(8 * rows, as: "column \"\(name)\"")
            return .init(name: name, presenceOffset: nil, valuesOffset: start, valueCount: rows)
        }
        let bitmap = offset, words = (rows + 63) / 64
        try need(8 * words, as: "presence bits of \"\(name)\"")
        var present = 0, last: UInt64 = 0
        for _ in 0..<words { last = integer(UInt64.self); present += last.nonzeroBitCount }
        guard rows % 64 == 0 || last >> UInt64(rows % 64) == 0 else { throw BatchError.presence(metric: name, rows: rows) }
        let start = offset
        try skip(8 * present, as: "column \"\(name)\"")
        return .init(name: name, presenceOffset: bitmap, valuesOffset: start, valueCount: present)
    }

    mutating func text(_ length: Int, as part: String) throws -> String {
        try need(length, as: part)
        defer { offset += length }
        let text = bytes.withUnsafeBufferPointer { all -> String? in
            let part = UnsafeBufferPointer(rebasing: all[offset..<offset + length])
            let text = String(decoding: part, as: UTF8.self)        // quicker than validating; what had to be repaired differs
            return text.utf8.elementsEqual(part) ? text : nil
        }
        guard let text else { throw BatchError.text(part: part) }
        return text
    }

    mutating func skip(_ count: Int, as part: String) throws {
        try need(count, as: part)
        offset += count
    }

    mutating func align() { offset = Swift.min((offset + 7) & ~7, bytes.count) }

    private func need(_ count: Int, as part: String) throws {
        guard bytes.count - offset >= count else {
            throw BatchError.truncated(part: part, needed: offset + count, given: bytes.count)
        }
    }

    private func require(_ name: String, _ value: Int, in range: ClosedRange<Int>) throws {
        guard range.contains(value) else {
            throw BatchError.field(name: name, value: "\(value)", allowed: "\(range.lowerBound) … \(range.upperBound)")
        }
    }

    private mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type) -> Value {
        defer { offset += MemoryLayout<Value>.size }
        return bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
    }
}
