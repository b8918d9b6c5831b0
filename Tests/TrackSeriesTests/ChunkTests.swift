import Testing
import TrackModel
@testable import TrackSeries

@Suite("Chunks") struct ChunkTests {
    @Test("rows of many batches, late, repeated and with gaps, merge as a dictionary would") func merging() throws {
        var random = Random(seed: 5)
        for round in 0..<60 {
            var merger = RowMerger(), expected: [Int64: [Int64: Double]] = [:], times: [Int64: Int64] = [:]
            for sequence in 1...8 {
                let rows = Int(random.next() % 20)
                let steps = (0..<rows).map { round % 2 == 0 ? Int64(sequence * 20 + $0) : Int64(random.next() % 50) - 20 }
                let columns = [1, 2, 3].map { metric in Batch.Column(name: "m\(metric)", optional: steps.map { _ in random.next() % 3 == 0 ? nil : random.unit() }) }
                let batch = Batch(writer: "w", sequence: UInt64(sequence), steps: steps, times: steps.map { $0 * 10 + Int64(sequence) }, columns: columns)
                merger.add(try EncodedBatch(batch), metrics: [1, 2, 3])
                note(batch, &expected, &times)
            }
            let group = merger.merged()

            #expect(group.steps == times.keys.sorted() && group.times == group.steps.map { times[$0]! })
            for metric in expected.keys {
                let points = group.points(of: metric)!
                #expect(Dictionary(uniqueKeysWithValues: zip(points.steps, points.values)) == expected[metric]!)
            }
        }
    }

    private func note(_ batch: Batch, _ expected: inout [Int64: [Int64: Double]], _ times: inout [Int64: Int64]) {
        for (row, step) in batch.steps.enumerated() { times[step] = batch.times[row] }
        for (place, column) in batch.columns.enumerated() {
            var next = 0
            for (row, step) in batch.steps.enumerated() where column.presence.map({ $0[row / 64] >> UInt64(row % 64) & 1 == 1 }) ?? true {
                expected[Int64(place + 1), default: [:]][step] = column.values[next]
                next += 1
            }
        }
    }

    @Test("a group cut into pieces holds the same points") func cutting() {
        var random = Random(seed: 6)
        let count = 3 * RowGroup.size + 17 + RowGroup.size / 2, rows = (0..<Int32(count)).filter { _ in random.next() % 5 == 0 }
        let group = RowGroup(steps: (0..<Int64(count)).map { $0 * 2 }, times: (0..<Int64(count)).map { $0 }, columns: [
            1: .init(values: (0..<count).map(Double.init)), 2: .init(rows: rows, values: rows.map { Double($0) }),
        ])
        for appending in [true, false] {
            let parts = group.cut(appending: appending)

            #expect(parts.count == 4 && parts.allSatisfy { $0.count <= RowGroup.size })
            #expect(!appending || parts.dropLast().allSatisfy { $0.count == RowGroup.size })
            #expect(parts.flatMap(\.steps) == group.steps)
            #expect(parts.flatMap { $0.points(of: 2)?.steps ?? [] } == group.points(of: 2)!.steps)
            #expect(parts.flatMap { $0.points(of: 2)?.values ?? [] } == group.points(of: 2)!.values)
        }
    }

    @Test("a few rows more than a group should have make no group of their own", arguments: [
        (1, [1]), (4_096, [4_096]), (4_100, [4_100]), (5_120, [5_120]), (5_121, [4_096, 1_025]), (9_000, [4_096, 4_904]), (9_300, [4_096, 4_096, 1_108]),
    ])
    func remainders(count: Int, sizes: [Int]) {
        let group = RowGroup(steps: (0..<Int64(count)).map { $0 }, times: [Int64](repeating: 0, count: count))

        #expect(group.cut(appending: true).map(\.count) == sizes)
    }

    @Test("chunk, records and pages come back, and records equal the points") func roundTrip() throws {
        var random = Random(seed: 7)
        for count in [1, 63, 64, 65, 1_024, 5_000] {
            let steps = random.ascending(count), times = steps.map { _ in Int64(random.next() >> 20) }
            let rows = (0..<Int32(count)).filter { $0 == 0 || random.next() % 2 == 0 }
            for column in [RowGroup.Column(values: DoubleKind.mostlyNaN.values(count, &random)),
                           RowGroup.Column(rows: rows, values: DoubleKind.mixed.values(rows.count, &random))] {
                let group = RowGroup(steps: steps, times: times, columns: [1: column]), chunk = ChunkCodec.encode(column, of: group)
                let points = group.points(of: 1)!

                #expect(try chunk.presence.withUnsafeBytes { try ChunkCodec.decodePresence($0, rows: count) } == column.rows)
                #expect(try chunk.values.withUnsafeBytes { try ChunkCodec.decodeValues($0) }.map(\.bitPattern) == column.values.map(\.bitPattern))
                if points.count > 64 {
                    let lowest = try chunk.records.withUnsafeBytes { try ChunkCodec.decodeRecords($0, steps: SparseSteps(points.steps), times: points.times) }
                    for (index, record) in lowest.enumerated() {
                        let range = index * 64..<min(index * 64 + 64, points.count)
                        var expected = PyramidRecord(steps: points.steps, times: points.times, values: points.values, range: range)
                        expected.timesAscend = record.timesAscend
                        #expect(record == expected)
                    }
                }
                #expect(chunk.upper.reduce(0) { $0 + $1.count } == points.count && chunk.upper.first?.firstStep == points.steps.first)
                let page = PyramidPage.encode([ChunkEntry(group: 3, records: chunk.upper), ChunkEntry(group: 9, records: chunk.upper)])
                #expect(try page.withUnsafeBytes { try PyramidPage.decode($0) } == [ChunkEntry(group: 3, records: chunk.upper), ChunkEntry(group: 9, records: chunk.upper)])
            }
        }
    }

    @Test("every flipped bit is noticed") func flipped() throws {
        var random = Random(seed: 8)
        let group = RowGroup(steps: random.ascending(300), times: random.ascending(300), columns: [1: .init(values: DoubleKind.floats.values(300, &random))])
        let chunk = ChunkCodec.encode(group.columns[1]!, of: group)
        for _ in 0..<500 {
            var broken = chunk.values
            let bit = Int(random.next() % UInt64(broken.count * 8))
            if (16..<32).contains(bit) { continue }             // two bytes of the header are unused
            broken[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: DamagedBytes.self) { try broken.withUnsafeBytes { try ChunkCodec.decodeValues($0) } }
        }
        for length in 0..<chunk.values.count {
            #expect(throws: DamagedBytes.self) { try Array(chunk.values[..<length]).withUnsafeBytes { try ChunkCodec.decodeValues($0) } }
        }
    }
}

extension Random {
    mutating func ascending(_ count: Int) -> [Int64] {
        var last = Int64(next() % 1_000) - 500
        return (0..<count).map { _ in
            last += 1 + Int64(next() % 3)
            return last
        }
    }
}
