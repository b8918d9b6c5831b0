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
    private var stretch = Stretch()

    var rows: Int { steps.count }
    var isEmpty: Bool { records == 0 }

    private struct Column {
        var name: String
        var values: [Double] = []
        /// Rows that have a value, as ranges in order.
        var present: [Range<Int>] = []

        mutating func appear(in rows: Range<Int>) {
            if let last = present.last, last.upperBound == rows.lowerBound {
                present[present.count - 1] = last.lowerBound..<rows.upperBound
            } else {
                present.append(rows)
            }
        }
    }

    /// Rows of one layout that follow each other, as they lie in the spool: few enough to stay in the processor's cache until they are turned
    /// into columns.
    private struct Stretch {
        static let mostValues = 4_096
        var layout = -1
        var rows = 0
        var values: [Double] = []
    }

    mutating func add(_ record: SpoolCursor.Record, from cursor: SpoolCursor) {
        switch record {
        case .row(let layout, let step, let time, let values, let isNarrow):
            addRow(layout, cursor, step, time, values, isNarrow)
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

    /// Finds the column of each name of a layout.
    private mutating func plan(_ layout: Int, _ cursor: SpoolCursor) {
        if planSegment != cursor.segment.number { (planSegment, plans) = (cursor.segment.number, []) }
        while plans.count <= layout {
            plans.append(cursor.layouts[plans.count].map { name in
                if let known = columnOf[name] { return known }
                columnOf[name] = columns.count
                columns.append(Column(name: name))
                return columns.count - 1
            })
        }
    }

    private mutating func addRow(_ layout: Int, _ cursor: SpoolCursor, _ step: Int64, _ time: Int64, _ values: UnsafeRawPointer, _ isNarrow: Bool) {
        if stretch.layout != layout || planSegment != cursor.segment.number || stretch.values.count >= Stretch.mostValues {
            settle()
            plan(layout, cursor)
            stretch.layout = layout
        }
        let count = plans[layout].count
        for place in 0..<count {
            stretch.values.append(
                isNarrow ? Double(values.loadUnaligned(fromByteOffset: 4 &* place, as: Float.self))
                         : values.loadUnaligned(fromByteOffset: 8 &* place, as: Double.self))
        }
        stretch.rows += 1
        steps.append(step)
        times.append(time)
        bytes += 16 + 8 * count
    }

    /// Turns the rows that wait into columns. To be called after the last record.
    mutating func settle() {
        guard stretch.rows > 0 else { return }
        let plan = plans[stretch.layout], end = steps.count, rows = stretch.rows
        stretch.values.withUnsafeBufferPointer { values in
            for (place, index) in plan.enumerated() {
                if rows == 1 { columns[index].values.append(values[place]) }        // layouts that take turns
                else { columns[index].values.append(contentsOf: (0..<rows).lazy.map { values[$0 &* plan.count &+ place] }) }
                columns[index].appear(in: end - rows..<end)
            }
        }
        stretch.rows = 0
        stretch.values.removeAll(keepingCapacity: true)
    }

    func isFull(_ limit: Limit) -> Bool { rows >= limit.rows || bytes >= limit.bytes || records >= limit.rows }

    /// - Precondition: ``settle()`` was called after the last record.
    func batch(attempt: Int, writer: String, sequence: UInt64) -> Batch {
        precondition(stretch.rows == 0, "\(stretch.rows) rows are not in columns yet: settle first.")
        return Batch(attempt: attempt, writer: writer, sequence: sequence, steps: steps, times: times, columns: columns.map { column in
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
