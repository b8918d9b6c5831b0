import Foundation
import TrackModel

/// Gathers records into one batch of columns. O(points); rows of one layout that follow each other are copied column by column.
struct BatchBuilder {
    /// How much one batch may hold.
    struct Limit: Equatable, Sendable {
        var rows = 200_000
        var bytes = 2 << 20

        /// Twice as much, up to what one batch may hold at most.
        var doubled: Limit {
            let most = Limit()
            return Limit(rows: min(most.rows, max(rows, 1) * 2), bytes: min(most.bytes, bytes * 2))
        }
    }

    private var steps: [Int64] = []
    private var times: [Int64] = []
    private var columns: [Column] = []
    private var columnOf: [String: Int] = [:]
    private(set) var extras = BatchExtras()
    private(set) var bytes = 0
    /// Records of any kind, rows included.
    private(set) var records = 0
    private var plans: [[Int]] = []
    private var planSegment: UInt32 = 0

    var rows: Int { steps.count }
    var isEmpty: Bool { records == 0 }

    private struct Column {
        var name: String
        var values: [Double] = []
        /// Rows that have a value, as ranges in order.
        var present: [Range<Int>] = []
    }

    mutating func add(_ record: SpoolCursor.Record, from cursor: SpoolCursor) {
        switch record {
        case .row(let layout, let step, let time, let values, let isNarrow):
            addRow(plan(layout, cursor), step, time, values, isNarrow)
        case .histogram(let payload):
            guard let histogram = HistogramRecord(spooled: payload) else { return }
            extras.histograms = (extras.histograms ?? []) + [histogram]
            bytes += payload.count * 2
        case .extras(let payload):
            guard let part = try? BatchCodec.makeJSONDecoder().decode(BatchExtras.self, from: Data(payload)) else { return }
            extras.merge(part)
            bytes += payload.count
        case .end, .roll, .declaration: return
        }
        records += 1
    }

    private mutating func plan(_ layout: Int, _ cursor: SpoolCursor) -> [Int] {
        if planSegment != cursor.segment.number { (planSegment, plans) = (cursor.segment.number, []) }
        while plans.count <= layout {
            plans.append(cursor.layouts[plans.count].map { name in
                if let known = columnOf[name] { return known }
                columnOf[name] = columns.count
                columns.append(Column(name: name))
                return columns.count - 1
            })
        }
        return plans[layout]
    }

    private mutating func addRow(_ plan: [Int], _ step: Int64, _ time: Int64, _ values: UnsafeRawPointer, _ isNarrow: Bool) {
        let row = steps.count
        steps.append(step)
        times.append(time)
        for (place, index) in plan.enumerated() {
            columns[index].values.append(
                isNarrow ? Double(values.loadUnaligned(fromByteOffset: 4 * place, as: Float.self))
                         : values.loadUnaligned(fromByteOffset: 8 * place, as: Double.self))
            if let last = columns[index].present.last, last.upperBound == row {
                columns[index].present[columns[index].present.count - 1] = last.lowerBound..<row + 1
            } else {
                columns[index].present.append(row..<row + 1)
            }
        }
        bytes += 16 + 8 * plan.count
    }

    func isFull(_ limit: Limit) -> Bool { rows >= limit.rows || bytes >= limit.bytes || records >= limit.rows }

    func batch(attempt: Int, writer: String, sequence: UInt64) -> Batch {
        Batch(attempt: attempt, writer: writer, sequence: sequence, steps: steps, times: times, columns: columns.map { column in
            Batch.Column(name: column.name, presence: presence(column), values: column.values)
        }, extras: extras)
    }

    private func presence(_ column: Column) -> [UInt64]? {
        if column.values.count == rows { return nil }
        var bits = [UInt64](repeating: 0, count: (rows + 63) / 64)
        for range in column.present {
            for row in range { bits[row / 64] |= 1 << UInt64(row % 64) }
        }
        return bits
    }
}

extension BatchExtras {
    /// Lays later changes over earlier ones; lists are joined.
    mutating func merge(_ later: BatchExtras) {
        config = merged(config, later.config)
        summary = merged(summary, later.summary)
        definitions = joined(definitions, later.definitions)
        histograms = joined(histograms, later.histograms)
        logs = joined(logs, later.logs)
        events = joined(events, later.events)
        media = joined(media, later.media)
    }

    private func merged(_ earlier: JSONValue?, _ later: JSONValue?) -> JSONValue? {
        guard let earlier, let later else { return later ?? earlier }
        return earlier.merging(later)
    }

    private func joined<Element>(_ earlier: [Element]?, _ later: [Element]?) -> [Element]? {
        guard let earlier, let later else { return later ?? earlier }
        return earlier + later
    }
}
