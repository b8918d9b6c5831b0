/// Pyramid records in columns, so that the many equal counts and the slowly changing extremes take little.
enum RecordColumns {
    private typealias Part<Value> = @Sendable (PyramidRecord) -> Value
    private static let integers: [Part<Int>] = [{ $0.count }, { $0.nan }, { $0.positiveInfinity }, { $0.negativeInfinity }]
    private static let numbers: [Part<Double>] = [{ $0.min }, { $0.max }, { $0.sum }, { $0.first }, { $0.last }]
    private static let places: [Part<Int64>] = [{ $0.firstStep }, { $0.lastStep }, { $0.firstTime }, { $0.lastTime }]

    /// Without steps and times: the points have them.
    static func encodeLowest(_ records: [PyramidRecord]) -> [UInt8] {
        var bytes = Blob.make()
        bytes.add(UInt32(records.count))
        encodeSummaries(records, &bytes)
        Blob.seal(&bytes, .records)
        return bytes
    }

    static func decodeLowest(_ raw: UnsafeRawBufferPointer, steps: SparseSteps, times: [Int64]?) throws -> [PyramidRecord] {
        var reader = try Blob.open(raw, .records)
        let count = Int(try reader.integer(UInt32.self))
        guard count == (steps.count + PyramidRecord.points - 1) / PyramidRecord.points else {
            throw DamagedBytes("a chunk of \(steps.count) points has \(count) records")
        }
        var records = try decodeSummaries(&reader, count)
        for index in records.indices {
            let first = index * PyramidRecord.points, last = Swift.min(first + PyramidRecord.points, steps.count) - 1
            (records[index].firstStep, records[index].lastStep) = (steps[first], steps[last])
            guard let times else { continue }
            (records[index].firstTime, records[index].lastTime) = (times[first], times[last])
            for place in Swift.max(first, 1)...Swift.max(last, 1) where place < times.count && times[place] < times[place - 1] { records[index].timesAscend = false }
        }
        return records
    }

    /// With steps and times.
    static func encodeWhole(_ records: [PyramidRecord], _ bytes: inout [UInt8]) {
        encodeSummaries(records, &bytes)
        for part in places { IntegerColumn.encode(records.map(part), into: &bytes) }
        IntegerColumn.encode(records.map { $0.timesAscend ? 1 : 0 }, into: &bytes)
    }

    static func decodeWhole(_ reader: inout ColumnReader, _ count: Int) throws -> [PyramidRecord] {
        var records = try decodeSummaries(&reader, count)
        let columns = try (0..<5).map { _ in try IntegerColumn.decode(&reader, count: count) }
        for index in records.indices {
            (records[index].firstStep, records[index].lastStep) = (columns[0][index], columns[1][index])
            (records[index].firstTime, records[index].lastTime) = (columns[2][index], columns[3][index])
            records[index].timesAscend = columns[4][index] == 1
        }
        return records
    }

    private static func encodeSummaries(_ records: [PyramidRecord], _ bytes: inout [UInt8]) {
        for part in integers { IntegerColumn.encode(records.map { Int64(part($0)) }, into: &bytes) }
        for part in numbers { DoubleColumn.encode(records.map(part), into: &bytes) }
    }

    private static func decodeSummaries(_ reader: inout ColumnReader, _ count: Int) throws -> [PyramidRecord] {
        let counts = try (0..<4).map { _ in try IntegerColumn.decode(&reader, count: count) }
        let numbers = try (0..<5).map { _ in try DoubleColumn.decode(&reader, count: count) }
        var records = [PyramidRecord](repeating: PyramidRecord(), count: count)
        for index in 0..<count {
            records[index].count = Int(truncatingIfNeeded: counts[0][index])
            records[index].nan = Int(truncatingIfNeeded: counts[1][index])
            records[index].positiveInfinity = Int(truncatingIfNeeded: counts[2][index])
            records[index].negativeInfinity = Int(truncatingIfNeeded: counts[3][index])
            records[index].min = numbers[0][index]
            records[index].max = numbers[1][index]
            records[index].sum = numbers[2][index]
            records[index].first = numbers[3][index]
            records[index].last = numbers[4][index]
        }
        return records
    }
}
