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
    public func encodedBinary() -> [UInt8] { binary([BinaryColumns(series)]) }

    /// The same bytes, made by several threads where that is quicker.
    public func encodedBinaryInParts() async -> [UInt8] {
        let parts = series.reduce(0, { $0 + $1.bucketCount }) < Self.manyBuckets ? 1 : 4
        if parts == 1 { return encodedBinary() }
        let slices = (0..<parts).map { series[series.count * $0 / parts ..< series.count * ($0 + 1) / parts] }
        return await withTaskGroup(of: (Int, BinaryColumns).self) { group in
            for (place, slice) in slices.enumerated() { group.addTask { (place, BinaryColumns(slice)) } }
            return binary(await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1))
        }
    }

    /// Fewer are encoded before another thread has woken up.
    private static let manyBuckets = 4_096

    /// Puts header and data together.
    /// - Parameter parts: The columns of all series, in their order.
    private func binary(_ parts: [BinaryColumns]) -> [UInt8] {
        var writer = JSONWriter(), part = 0, place = 0, base = 0
        write(to: &writer) { _, writer in
            while place == parts[part].series.count { (base, place, part) = (base + parts[part].bytes.count, 0, part + 1) }
            writer.key("columns")
            writer.open("[")
            for column in parts[part].series[place] { column.write(to: &writer, base: base) }
            writer.close("]")
            place += 1
        }
        let header = writer.bytes
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24 + header.count + parts.reduce(0) { $0 + $1.bytes.count })
        bytes.append(contentsOf: "TRKS".utf8)
        bytes.append(contentsOf: [1, 0, 0, 0])
        withUnsafeBytes(of: UInt32(header.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: [0, 0, 0, 0])
        bytes.append(contentsOf: header)
        bytes.append(contentsOf: repeatElement(0, count: (8 - bytes.count % 8) % 8))
        for part in parts { bytes.append(contentsOf: part.bytes) }
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
