/// Steps, times and places: 64-bit integers, differences packed into as few bits as they need. `docs/formats/column.md`.
enum IntegerColumn {
    private enum Codec: UInt8 { case stride = 0, packed = 1, deltas = 2 }

    /// Appends the column, in the smaller of its forms. The count stands outside.
    static func encode(_ values: [Int64], into bytes: inout [UInt8]) {
        guard let first = values.first else { return }
        let deltas = Spread(differences: values)
        if deltas.isOne {
            bytes.append(Codec.stride.rawValue)
            bytes.add(first)
            bytes.add(deltas.least)
            return
        }
        let range = Spread(values)
        if deltas.width < range.width {
            bytes.append(Codec.deltas.rawValue)
            bytes.append(UInt8(deltas.width))
            bytes.add(first)
            bytes.add(deltas.least)
            BitPacking.pack(values.count - 1, width: deltas.width, into: &bytes) { UInt64(bitPattern: values[$0 + 1] &- values[$0] &- deltas.least) }
        } else {
            bytes.append(Codec.packed.rawValue)
            bytes.append(UInt8(range.width))
            bytes.add(range.least)
            BitPacking.pack(values.count, width: range.width, into: &bytes) { UInt64(bitPattern: values[$0] &- range.least) }
        }
    }

    /// Between which numbers all lie.
    private struct Spread {
        private(set) var least: Int64
        private var greatest: UInt64 = 0         // above the least: differences may be longer than 63 bits

        init(_ values: [Int64]) {
            least = values.min() ?? 0
            greatest = UInt64(bitPattern: (values.max() ?? 0) &- least)
        }

        init(differences values: [Int64]) {
            guard values.count > 1 else { least = 0; return }
            least = .max
            for index in 1..<values.count { least = Swift.min(least, values[index] &- values[index - 1]) }
            for index in 1..<values.count { greatest = Swift.max(greatest, UInt64(bitPattern: values[index] &- values[index - 1] &- least)) }
        }

        var isOne: Bool { greatest == 0 }
        /// Bits that hold how far a number is above the least.
        var width: Int { BitPacking.width(greatest) }
    }

    static func decode(_ reader: inout ColumnReader, count: Int) throws -> [Int64] {
        if count == 0 { return [] }
        guard count <= [UInt8].longestColumn else { throw DamagedBytes("a column of \(count) numbers is impossible") }
        guard let codec = Codec(rawValue: try reader.integer(UInt8.self)) else { throw DamagedBytes("an integer column has an unknown form") }
        switch codec {
        case .stride:
            let first = try reader.integer(Int64.self), stride = try reader.integer(Int64.self)
            return [Int64](unsafeUninitializedCapacity: count) { buffer, initialized in
                for index in 0..<count { (buffer.baseAddress! + index).initialize(to: first &+ Int64(index) &* stride) }
                initialized = count
            }
        case .packed:
            let width = Int(try reader.integer(UInt8.self)), base = try reader.integer(Int64.self)
            return collect(try reader.packed(count, width: width), count, width) { base &+ Int64(bitPattern: $0) }
        case .deltas:
            let width = Int(try reader.integer(UInt8.self)), first = try reader.integer(Int64.self), least = try reader.integer(Int64.self)
            let packed = try reader.packed(count - 1, width: width)
            return [Int64](unsafeUninitializedCapacity: count) { buffer, initialized in
                let out = buffer.baseAddress!
                var last = first
                out.initialize(to: first)
                BitPacking.unpack(packed, count: count - 1, width: width) { index, bits in
                    last = last &+ least &+ Int64(bitPattern: bits)
                    (out + index + 1).initialize(to: last)
                }
                initialized = count
            }
        }
    }

    /// First number and stride of a column that is no more than that; the reader has moved only then.
    static func stride(_ reader: inout ColumnReader) throws -> (first: Int64, stride: Int64)? {
        var probe = reader
        guard try probe.integer(UInt8.self) == Codec.stride.rawValue else { return nil }
        let parts = (try probe.integer(Int64.self), try probe.integer(Int64.self))
        reader = probe
        return parts
    }

    @inline(__always)
    private static func collect(_ packed: UnsafeRawBufferPointer, _ count: Int, _ width: Int, _ value: (UInt64) -> Int64) -> [Int64] {
        [Int64](unsafeUninitializedCapacity: count) { buffer, initialized in
            let out = buffer.baseAddress
            BitPacking.unpack(packed, count: count, width: width) { index, bits in (out! + index).initialize(to: value(bits)) }
            initialized = count
        }
    }
}
