/// The columns of some curves as the binary form of an answer has them: each in the smallest type that is exact enough.
struct BinaryColumns: Sendable {
    /// How one column is described in the header.
    struct Column: Sendable {
        enum Place: Sendable {
            /// Every bucket has this number, and there is no data.
            case constant(Double)
            /// Offset in ``BinaryColumns/bytes``; `base` is to be added to each number.
            case data(type: String, offset: Int, base: Double?)
        }
        let name: String
        let place: Place

        /// - Parameter base: Bytes of the data section before those that the offsets count in.
        func write(to writer: inout JSONWriter, base start: Int) {
            writer.open("{")
            writer.key("name"); writer.text(name)
            switch place {
            case .constant(let number): writer.key("constant"); writer.number(number)
            case .data(let type, let offset, let base):
                writer.key("type"); writer.text(type)
                writer.key("offset"); writer.integer(start + offset)
                if let base { writer.key("base"); writer.number(base) }
            }
            writer.close("}")
        }
    }

    /// For each curve its columns; one that is left out is zero.
    private(set) var series: [[Column]] = []
    /// A multiple of eight.
    private(set) var bytes: [UInt8] = []

    init(_ all: some Collection<BucketSeries>) {
        bytes.reserveCapacity(all.reduce(0) { $0 + 40 * $1.bucketCount })
        for one in all {
            series.append([])
            for column in one.columns.numbers { if let values = one.columns[keyPath: column.path] { add(column.name, values) } }
            for column in one.columns.counts { if let values = one.columns[keyPath: column.path] { add(column.name, values) } }
        }
    }

    private mutating func add(_ name: String, _ values: [UInt32]) {
        let greatest = values.max() ?? 0, least = values.min() ?? 0
        if greatest == 0 { return }
        if greatest == least { note(name, .constant(Double(greatest))) }
        else if greatest < 256 { place(name, "u8", values.lazy.map { UInt8(truncatingIfNeeded: $0) }) }
        else { place(name, "u32", values) }
    }

    private mutating func add(_ name: String, _ values: [Double]) {
        guard let first = values.first else { return }
        let isConstant = values.allSatisfy { $0.bitPattern == first.bitPattern }
        if isConstant, first.bitPattern == 0 { return }
        if isConstant, first.isFinite { note(name, .constant(first)) }
        else if let base = Self.base(values) { place(name, "u32", values.lazy.map { UInt32($0 - base) }, base: base) }
        else if Self.areExactInFloat(values) { place(name, "f32", values.lazy.map { Float($0) }) }
        else { place(name, "f64", values) }
    }

    private mutating func note(_ name: String, _ place: Column.Place) { series[series.count - 1].append(Column(name: name, place: place)) }

    private mutating func place<Number: BitwiseCopyable>(_ name: String, _ type: String, _ values: some RandomAccessCollection<Number>, base: Double? = nil) {
        note(name, .data(type: type, offset: bytes.count, base: base))
        let size = values.count * MemoryLayout<Number>.size, start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: (size + 7) / 8 * 8))
        bytes.withUnsafeMutableBytes { raw in
            raw.baseAddress!.advanced(by: start).withMemoryRebound(to: Number.self, capacity: values.count) { out in
                for (place, value) in values.enumerated() { out[place] = value }
            }
        }
    }

    /// The least of whole numbers less than 2³² apart: steps.
    private static func base(_ values: [Double]) -> Double? {
        var least = Double.infinity, greatest = -Double.infinity
        for value in values {
            guard value.magnitude < 0x1p53, Double(Int64(value)) == value, value != 0 || value.sign == .plus else { return nil }
            if value < least { least = value }
            if value > greatest { greatest = value }
        }
        return greatest - least < 0x1p32 ? least : nil
    }

    /// Exact to 2⁻²⁰ of the range.
    private static func areExactInFloat(_ values: [Double]) -> Bool {
        var least = Double.infinity, greatest = -Double.infinity
        for value in values where value.isFinite { (least, greatest) = (Swift.min(least, value), Swift.max(greatest, value)) }
        let tolerance = (greatest - least) / 1_048_576
        return values.allSatisfy { value in !value.isFinite || (Double(Float(value)) - value).magnitude <= tolerance }
    }
}
