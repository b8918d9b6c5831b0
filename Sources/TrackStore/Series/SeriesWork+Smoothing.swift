import GRDB
import TrackModel
import TrackSeries

extension SeriesWork {
    /// Smooths over all points up to the grid's end, in x order, and notes the values at each bucket's last point: zooming changes none.
    func smooth(_ smoothing: SeriesQuery.Smoothing, _ accumulator: inout BucketAccumulator, _ extent: SeriesSource.Extent, _ db: Database) throws {
        let range = extent.high - extent.low
        switch smoothing.kind {
        case .timeEMA: try follow(.timeWeighted(TimeWeightedAverage(amount: smoothing.amount, range: range)), &accumulator, db)
        case .ema: try follow(.exponential(ExponentialAverage(amount: smoothing.amount)), &accumulator, db)
        case .gaussian:
            let sigma = GaussianSmoother.sigma(amount: smoothing.amount, range: range)
            guard sigma > 0 else { return try follow(.exponential(ExponentialAverage(amount: 0)), &accumulator, db) }
            var smoother = GaussianSmoother(sigma: sigma, origin: extent.low)
            try eachInOrder(db) { x, value in smoother.push(x: x, value: value) }
            accumulator.smooth { smoother.value(at: $0) }
        case .average:
            var targets = accumulator.smoothedTargets()
            var average = RunningAverage(window: Int(min(smoothing.amount, 1e7))), waiting: [Double] = [], given = 0
            func note(_ mean: Double) {
                targets.note(mean, x: waiting[given])
                given += 1
                if given > 65_536 { waiting.removeFirst(given); given = 0 }
            }
            try eachInOrder(db) { x, value in
                guard value.isFinite else { return }
                waiting.append(x)
                if let mean = average.push(value) { note(mean) }
            }
            for mean in average.finish() { note(mean) }
            accumulator.take(targets)
        }
    }

    private func follow(_ smoother: Smoother, _ accumulator: inout BucketAccumulator, _ db: Database) throws {
        var smoother = smoother, targets = accumulator.smoothedTargets()
        try eachInOrder(db) { x, value in targets.note(smoother.push(x: x, value: value), x: x) }
        accumulator.take(targets)
    }

    /// Points in x order. Those of a step axis come so; others are sorted if they must be.
    private func eachInOrder(_ db: Database, _ body: (Double, Double) throws -> Void) throws {
        if isInOrder { return try source.eachPoint(db, body) }
        var all: [(x: Double, value: Double)] = []
        try source.eachPoint(db) { all.append(($0, $1)) }
        var sorted = true
        for index in all.indices.dropFirst() where all[index].x < all[index - 1].x { sorted = false; break }
        if !sorted { all = all.enumerated().sorted { ($0.element.x, $0.offset) < ($1.element.x, $1.offset) }.map(\.element) }
        for point in all { try body(point.x, point.value) }
    }

    /// A step axis, on which no attempt begins before the one before it ended.
    private var isInOrder: Bool {
        guard source.axis == .step else { return false }
        let ends = source.series.attempts.filter { !$0.elements.isEmpty }.map { ($0.elements[0].firstStep, $0.elements.last!.lastStep) }
        return zip(ends, ends.dropFirst()).allSatisfy { $0.1 < $1.0 }
    }
}
