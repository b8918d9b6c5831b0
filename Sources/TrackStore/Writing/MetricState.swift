import TrackModel

/// One metric of a run as the writer knows it: the summary, kept with every batch.
struct MetricState {
    let id: Int64
    let name: String
    var last = Double.nan
    var min = Double.nan
    var max = Double.nan
    var sum = 0.0
    var count = 0
    var nan = 0
    var positiveInfinity = 0
    var negativeInfinity = 0
    var firstStep = Int64.max
    /// The place of the last point: a later one is new for sure, an earlier or equal one may replace a point.
    var lastStep = Int64.min
    var lastAttempt = 0
    /// Changed since it was written to its row.
    var isDirty = false
    /// Listeners have not heard of its last points.
    var hasGrown = false

    init(id: Int64, name: String) { (self.id, self.name) = (id, name) }

    var finite: Int { count - nan - positiveInfinity - negativeInfinity }

    /// As pages show it: of the finite values, or of whatever there is when nothing was finite.
    var summary: MetricSummary {
        let none = finite == 0, fallback = nan > 0 ? Double.nan : last
        return MetricSummary(
            last: last, min: none ? (negativeInfinity > 0 ? -.infinity : fallback) : min,
            max: none ? (positiveInfinity > 0 ? .infinity : fallback) : max, mean: none ? fallback : sum / Double(finite), count: count,
            nan: nan, positiveInfinity: positiveInfinity, negativeInfinity: negativeInfinity, firstStep: firstStep, lastStep: lastStep)
    }

    /// Adds one point that comes after all others.
    @inline(__always)
    mutating func append(_ value: Double) {
        last = value
        count += 1
        if value.isFinite {
            sum += value
            if !(min <= value) { min = value }
            if !(max >= value) { max = value }
        } else if value.isNaN { nan += 1 } else if value > 0 { positiveInfinity += 1 } else { negativeInfinity += 1 }
    }

    /// Adds a column whose steps ascend, if it comes after all other points. Nothing changes if not.
    mutating func append(_ column: EncodedBatch.ColumnLayout, of batch: EncodedBatch, firstStep step: Int64) -> Bool {
        guard count == 0 || step > lastStep else { return false }
        (isDirty, lastAttempt) = (true, batch.attempt)
        batch.withValues(column) { append($0) }
        let rows = batch.firstAndLastRow(column)
        batch.withSteps { steps in
            if firstStep == .max { firstStep = steps[rows.first] }
            lastStep = steps[rows.last]
        }
        return true
    }

    /// Adds points that come after all others.
    @inline(__always)
    private mutating func append(_ values: UnsafeBufferPointer<Double>) {
        var least = min, greatest = max, sum = sum, areFinite = true        // local ones stay in registers
        for value in values {
            sum += value
            if !(least <= value) { least = value }
            if !(greatest >= value) { greatest = value }
            if !value.isFinite { areFinite = false }
        }
        guard areFinite else {
            for value in values { append(value) }
            return
        }
        (min, max, self.sum, last) = (least, greatest, sum, values[values.count - 1])
        count += values.count
    }

    /// Forgets everything but who it is.
    mutating func reset() { self = MetricState(id: id, name: name) }
}
