extension SeriesAnswer {
    public static let binaryContentType = "application/vnd.track.series"

    /// The JSON form of `docs/api.md`, as `Codable` would write it but some twenty times as fast.
    public func encodedJSON() -> [UInt8] {
        var writer = JSONWriter()
        write(to: &writer) { series, writer in
            for column in series.columns.numbers {
                guard let values = series.columns[keyPath: column.path] else { continue }
                writer.key(column.name)
                writer.open("[")
                for value in values { writer.number(value) }
                writer.close("]")
            }
            for column in series.columns.counts {
                guard let values = series.columns[keyPath: column.path] else { continue }
                writer.key(column.name)
                writer.open("[")
                for value in values { writer.integer(value) }
                writer.close("]")
            }
        }
        return writer.bytes
    }

    /// The binary form of `docs/formats/series.md`: the same header with columns of raw numbers behind it.
    public func encodedBinary() -> [UInt8] {
        var data = ColumnData()
        var writer = JSONWriter()
        write(to: &writer) { series, writer in
            writer.key("columns")
            writer.open("[")
            for column in series.columns.numbers {
                if let values = series.columns[keyPath: column.path] { data.add(column.name, values, to: &writer) }
            }
            for column in series.columns.counts {
                if let values = series.columns[keyPath: column.path] { data.add(column.name, values, to: &writer) }
            }
            writer.close("]")
        }
        let header = writer.bytes
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24 + header.count + data.bytes.count)
        bytes.append(contentsOf: "TRKS".utf8)
        bytes.append(contentsOf: [1, 0, 0, 0])
        withUnsafeBytes(of: UInt32(header.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: [0, 0, 0, 0])
        bytes.append(contentsOf: header)
        bytes.append(contentsOf: repeatElement(0, count: (8 - bytes.count % 8) % 8))
        bytes.append(contentsOf: data.bytes)
        return bytes
    }

    private func write(to writer: inout JSONWriter, columns: (BucketSeries, inout JSONWriter) -> Void) {
        writer.open("{")
        writer.key("x"); writer.text(x)
        writer.key("buckets"); writer.integer(buckets)
        writer.key("series")
        writer.open("[")
        for one in series {
            writer.open("{")
            one.writeHeader(to: &writer)
            columns(one, &writer)
            writer.close("}")
        }
        writer.close("]")
        writer.key("missing")
        writer.open("[")
        for one in missing {
            writer.open("{")
            writer.key("run"); writer.text(one.run.text)
            writer.key("metric"); writer.text(one.metric)
            writer.key("reason"); writer.text(one.reason.rawValue)
            writer.close("}")
        }
        writer.close("]")
        writer.close("}")
    }
}

extension BucketSeries {
    fileprivate func writeHeader(to writer: inout JSONWriter) {
        writer.key("run"); writer.text(run?.text)
        writer.key("metric"); writer.text(metric)
        for (name, value) in integers { writer.key(name); writer.integer(value) }
        writer.key("raw"); writer.bool(raw)
        writer.key("delta"); writer.bool(delta)
        writer.key("firstX"); writer.number(firstX ?? .nan)
        writer.key("lastX"); writer.number(lastX ?? .nan)
        writer.key("domain"); writeNumbers(domain, to: &writer)
        writer.key("cursor"); writer.text(cursor)
        writer.key("group")
        if let group { writer.value(group) } else { writer.null() }
        if let members {
            writer.key("members")
            writer.open("[")
            for member in members { writer.text(member.text) }
            writer.close("]")
        }
        if let percentiles { writer.key("percentiles"); writeNumbers(percentiles, to: &writer) }
    }

    private func writeNumbers(_ values: [Double], to writer: inout JSONWriter) {
        writer.open("[")
        for value in values { writer.number(value) }
        writer.close("]")
    }
}

/// The data section of the binary form: each column in the smallest type that is exact enough.
private struct ColumnData {
    var bytes: [UInt8] = []

    mutating func add(_ name: String, _ values: [UInt32], to writer: inout JSONWriter) {
        let greatest = values.max() ?? 0, least = values.min() ?? 0
        if greatest == 0 { return }                     // a column that is left out is zero
        writer.open("{")
        writer.key("name"); writer.text(name)
        if greatest == least { writer.key("constant"); writer.integer(greatest) }
        else if greatest < 256 { place("u8", values.map { UInt8($0) }, &writer) }
        else { place("u32", values, &writer) }
        writer.close("}")
    }

    mutating func add(_ name: String, _ values: [Double], to writer: inout JSONWriter) {
        guard let first = values.first else { return }
        let isConstant = values.allSatisfy { $0.bitPattern == first.bitPattern }
        if isConstant, first.bitPattern == 0 { return }
        writer.open("{")
        writer.key("name"); writer.text(name)
        if isConstant, first.isFinite { writer.key("constant"); writer.number(first) }
        else if let (base, offsets) = offsets(values) {
            place("u32", offsets, &writer)
            writer.key("base"); writer.number(base)
        }
        else if isExactInFloat(values) { place("f32", values.map { Float($0) }, &writer) }
        else { place("f64", values, &writer) }
        writer.close("}")
    }

    private mutating func place<Number: BitwiseCopyable>(_ type: String, _ values: [Number], _ writer: inout JSONWriter) {
        writer.key("type"); writer.text(type)
        writer.key("offset"); writer.integer(bytes.count)
        values.withUnsafeBytes { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: repeatElement(0, count: (8 - bytes.count % 8) % 8))
    }

    /// Whole numbers less than 2³² apart: steps.
    private func offsets(_ values: [Double]) -> (Double, [UInt32])? {
        var least = Double.infinity, greatest = -Double.infinity
        for value in values {
            guard value == value.rounded(.towardZero), value != 0 || value.sign == .plus else { return nil }
            if value < least { least = value }
            if value > greatest { greatest = value }
        }
        guard least.magnitude < 0x1p53, greatest - least < 0x1p32 else { return nil }
        return (least, values.map { UInt32($0 - least) })
    }

    /// Exact to 2⁻²⁰ of the range.
    private func isExactInFloat(_ values: [Double]) -> Bool {
        var least = Double.infinity, greatest = -Double.infinity
        for value in values where value.isFinite { (least, greatest) = (Swift.min(least, value), Swift.max(greatest, value)) }
        let tolerance = (greatest - least) / 1_048_576
        return values.allSatisfy { value in !value.isFinite || (Double(Float(value)) - value).magnitude <= tolerance }
    }
}
