import Foundation
import SeededRandom
import Testing
import TrackModel
import TrackSeries
import TrackStore

/// What a run should hold, kept the slow and obvious way.
struct Reference {
    struct Point { var time: Int64; var value: Double }
    var attempts: [[String: [Int64: Point]]] = [[:]]
    var hiddenFrom: [Int64?] = [nil]
    private var sequences: [String: UInt64] = [:]

    mutating func resume(at step: Int64?) {
        for index in hiddenFrom.indices { if let step { hiddenFrom[index] = min(hiddenFrom[index] ?? step, step) } }
        attempts.append([:])
        hiddenFrom.append(nil)
    }

    /// Makes the batch and takes it in.
    mutating func batch(_ columns: [String: [Double?]], steps: [Int64], times: [Int64], writer: String, attempt: Int) throws -> EncodedBatch {
        sequences[writer, default: 0] += 1
        for (name, values) in columns {
            var points = attempts[attempt - 1].removeValue(forKey: name) ?? [:]
            for (row, value) in values.enumerated() { if let value { points[steps[row]] = Point(time: times[row], value: value) } }
            if !points.isEmpty { attempts[attempt - 1][name] = points }
        }
        // A row's time is that of the last batch that had its step.
        for name in Array(attempts[attempt - 1].keys) {
            var points = attempts[attempt - 1].removeValue(forKey: name)!
            for (row, step) in steps.enumerated() { points[step]?.time = times[row] }
            attempts[attempt - 1][name] = points
        }
        return try EncodedBatch(Batch(attempt: attempt, writer: writer, sequence: sequences[writer]!, steps: steps, times: times,
                                      columns: columns.sorted { $0.key < $1.key }.map { .init(name: $0.key, optional: $0.value) }))
    }

    /// The visible points in step order.
    func points(_ metric: String) -> [(step: Int64, time: Int64, value: Double)] {
        zip(attempts, hiddenFrom).flatMap { attempt, hidden in
            (attempt[metric] ?? [:]).filter { step, _ in hidden.map { step < $0 } ?? true }.sorted { $0.key < $1.key }.map { ($0.key, $0.value.time, $0.value.value) }
        }
    }

    /// Checks an answer: every point in exactly one bucket, every bucket exact for the points between its x0 and x1.
    func check(_ series: BucketSeries, _ metric: String, x: (Int64, Int64) -> Double = { step, _ in Double(step) }, from: Double = -.infinity, to: Double = .infinity) -> String? {
        let points = points(metric).map { (x: x($0.step, $0.time), value: $0.value) }.filter { $0.x >= from && $0.x <= to }.enumerated()
            .sorted { ($0.element.x, $0.offset) < ($1.element.x, $1.offset) }.map(\.element)
        let columns = series.columns
        if series.points != points.count { return "\(series.points) points instead of \(points.count)" }
        var next = 0
        for bucket in 0..<series.bucketCount {
            let start = next
            while next < points.count, points[next].x <= columns.x1![bucket] { next += 1 }
            let inside = points[start..<next]
            let finite = inside.map(\.value).filter(\.isFinite)
            if inside.count != Int(columns.pointCount![bucket]) { return "bucket \(bucket) counts \(columns.pointCount![bucket]) of \(inside.count)" }
            if inside.first?.x != columns.x0![bucket] || inside.last?.x != columns.x1![bucket] { return "bucket \(bucket) has wrong ends" }
            if inside.count(where: { $0.value.isNaN }) != Int(columns.nanCount![bucket]) { return "bucket \(bucket) has wrong NaN" }
            if inside.count(where: { $0.value == .infinity }) != Int(columns.positiveInfinityCount![bucket]) { return "bucket \(bucket) has wrong infinities" }
            if finite.isEmpty { if !columns.min![bucket].isNaN { return "bucket \(bucket) has a minimum" }; continue }
            if finite.min() != columns.min![bucket] || finite.max() != columns.max![bucket] { return "bucket \(bucket) has wrong extremes" }
            if finite.first != columns.first![bucket] || finite.last != columns.last![bucket] { return "bucket \(bucket) has wrong first or last" }
            let mean = finite.reduce(0, +) / Double(finite.count), scale = finite.map(\.magnitude).max()!
            if abs(mean - columns.mean![bucket]) > 1e-9 * max(scale, 1e-300) { return "bucket \(bucket) has mean \(columns.mean![bucket]) instead of \(mean)" }
        }
        return nil
    }

    /// Checks a summary.
    func check(_ summary: MetricSummary?, _ metric: String) -> String? {
        let points = points(metric), finite = points.map(\.value).filter(\.isFinite)
        guard let summary else { return points.isEmpty ? nil : "no summary for \(points.count) points" }
        if summary.count != points.count { return "summary counts \(summary.count) of \(points.count)" }
        if let least = finite.min(), least != summary.min || finite.max() != summary.max { return "summary has wrong extremes" }
        if summary.lastStep != points.map(\.step).max() || summary.firstStep != points.map(\.step).min() { return "summary has wrong steps" }
        if !finite.isEmpty, abs(summary.mean - finite.reduce(0, +) / Double(finite.count)) > 1e-9 * finite.map(\.magnitude).max()! { return "summary has wrong mean" }
        let greatest = points.map(\.step).max(), last = points.last { $0.step == greatest }!.value
        return summary.last.bitPattern == last.bitPattern || summary.last.isNaN && last.isNaN ? nil : "summary's last is \(summary.last) instead of \(last)"
    }
}

/// Failures repeat.
typealias Random = SeededRandom

extension Random {
    mutating func value() -> Double {
        switch below(40) {
        case 0: .nan
        case 1: .infinity
        case 2: -.infinity
        case 3: (unit() - 0.5) * 1e300
        default: unit() * 10 - 5
        }
    }
}
