/// A metric's values, each column in the smallest of several exact forms. `docs/formats/column.md` draws them.
///
/// NaN, infinities and −0 stand in a short list beside forms that cannot hold them.
public enum DoubleColumn {
    enum Codec: UInt8, CaseIterable {
        case raw = 0, constant, stride, decimal, float, double, planes
    }

    /// Appends the column; the count stands outside. Every value comes back bit for bit.
    static func encode(_ values: [Double], into bytes: inout [UInt8]) {
        guard let first = values.first else { return }
        if values.allSatisfy({ $0.bitPattern == first.bitPattern }) {
            bytes.append(Codec.constant.rawValue)
            bytes.add(first)
            return
        }
        if let stride = stride(values) {
            bytes.append(Codec.stride.rawValue)
            bytes.add(first)
            bytes.add(stride)
            return
        }
        bytes.append(contentsOf: smallest(values))
    }

    private static func stride(_ values: [Double]) -> Double? {
        let stride = values[1] - values[0]
        for (index, value) in values.enumerated() where (values[0] + Double(index) * stride).bitPattern != value.bitPattern { return nil }
        return stride
    }

    private static func smallest(_ values: [Double]) -> [UInt8] {
        let (plain, exceptions) = PlainValues.split(values)
        var best: [UInt8] = []
        func offer(_ codec: Codec, _ body: [UInt8]?) {
            guard let body else { return }
            var bytes = [codec.rawValue]
            PlainValues.append(exceptions, to: &bytes)
            bytes.append(contentsOf: body)
            if best.isEmpty || bytes.count < best.count { best = bytes }
        }
        if exceptions.count * 16 <= values.count {
            offer(.decimal, DecimalForm.encode(plain))
            offer(.float, OrderedForm.encodeFloats(plain))
            if best.isEmpty { offer(.double, OrderedForm.encodeDoubles(plain)) }
        }
        // Planes are read at a third of the speed: they have to be worth it.
        if let planes = PlaneForm.encode(values, ifSmallerThan: best.isEmpty ? values.count * 8 : best.count * 31 / 32) {
            best = [Codec.planes.rawValue] + planes
        }
        if best.isEmpty || best.count > 1 + values.count * 8 {
            best = [Codec.raw.rawValue]
            values.withUnsafeBytes { best.append(contentsOf: $0) }
        }
        return best
    }

    static func decode(_ reader: inout ColumnReader, count: Int) throws -> [Double] {
        if count == 0 { return [] }
        guard count <= [UInt8].longestColumn else { throw DamagedBytes("a column of \(count) numbers is impossible") }
        guard let codec = Codec(rawValue: try reader.integer(UInt8.self)) else { throw DamagedBytes("a column has an unknown form") }
        switch codec {
        case .constant: return [Double](repeating: try reader.double(), count: count)
        case .stride:
            let first = try reader.double(), stride = try reader.double()
            return (0..<count).map { first + Double($0) * stride }
        case .raw:
            let bytes = try reader.bytes(8 * count)
            return [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
                initialized = count
            }
        case .planes: return try PlaneForm.decode(&reader, count: count)
        case .decimal, .float, .double:
            let exceptions = try PlainValues.exceptions(&reader, count: count)
            var values = switch codec {
            case .decimal: try DecimalForm.decode(&reader, count: count)
            case .float: try OrderedForm.decodeFloats(&reader, count: count)
            default: try OrderedForm.decodeDoubles(&reader, count: count)
            }
            for (index, bits) in exceptions { values[index] = Double(bitPattern: bits) }
            return values
        }
    }
}

/// Values without those that integers and decimals cannot hold.
enum PlainValues {
    typealias Exception = (index: Int, bits: UInt64)

    /// Non-finite values and −0 replaced by the value before them.
    static func split(_ values: [Double]) -> ([Double], [Exception]) {
        if values.allSatisfy(isPlain) { return (values, []) }
        guard let first = values.firstIndex(where: isPlain) else { return (values, values.enumerated().map { ($0, $1.bitPattern) }) }
        var plain = values, exceptions: [Exception] = [], last = values[first]
        for index in plain.indices {
            if isPlain(plain[index]) { last = plain[index]; continue }
            exceptions.append((index, plain[index].bitPattern))
            plain[index] = last
        }
        return (plain, exceptions)
    }

    private static func isPlain(_ value: Double) -> Bool { value.isFinite && !(value == 0 && value.sign == .minus) }

    static func append(_ exceptions: [Exception], to bytes: inout [UInt8]) {
        bytes.add(UInt32(exceptions.count))
        for exception in exceptions {
            bytes.add(UInt32(exception.index))
            bytes.add(exception.bits)
        }
    }

    static func exceptions(_ reader: inout ColumnReader, count: Int) throws -> [Exception] {
        let number = Int(try reader.integer(UInt32.self))
        guard number <= count else { throw DamagedBytes("a column claims \(number) exceptions among \(count) values") }
        return try (0..<number).map { _ in
            let index = Int(try reader.integer(UInt32.self)), bits = try reader.integer(UInt64.self)
            guard index < count else { throw DamagedBytes("an exception lies outside its column") }
            return (index, bits)
        }
    }
}
