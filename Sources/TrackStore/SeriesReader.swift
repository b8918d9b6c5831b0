import GRDB
import TrackModel
import TrackSeries

/// Answers a series query on one snapshot.
struct SeriesReader {
    let request: SeriesRequest
    let limits: BatchLimits
    let tails: [Int64: [RunTail.Entry]]

    func answer(_ db: Database) throws -> SeriesAnswer {
        var answer = SeriesAnswer(x: request.query.x ?? "step", buckets: request.buckets, series: [])
        for run in request.query.runs {
            guard let history = try? RunHistory.read(run, limits: limits, db, tailsBefore: tails) else {
                answer.missing += request.query.metrics.map { .init(run: run, metric: $0, reason: .unknownRun) }
                continue
            }
            for metric in request.query.metrics {
                let (xs, values) = try points(of: metric, in: history, db)
                if xs.isEmpty {
                    answer.missing.append(.init(run: run, metric: metric, reason: .notLogged))
                } else {
                    answer.series.append(series(run, metric, xs, values))
                }
            }
        }
        return answer
    }

    private func series(_ run: RunID, _ metric: String, _ xs: [Double], _ values: [Double]) -> BucketSeries {
        let first = xs.min()!, last = xs.max()!
        let low = max(request.query.from ?? first, request.scale == .log ? .leastNonzeroMagnitude : -.infinity), high = max(request.query.to ?? last, low)
        var accumulator = BucketAccumulator(BucketGrid(low: low, high: high, count: request.buckets, scale: request.scale))
        for (x, value) in zip(xs, values) where accumulator.grid.contains(x) { accumulator.add(x: x, value: value) }
        var series = BucketSeries(run: run, metric: metric, firstX: first, lastX: last)
        series.take(accumulator)
        if let columns = request.query.columns { series.columns.keep(only: columns) }
        return series
    }

    private func points(of metric: String, in history: RunHistory, _ db: Database) throws -> ([Double], [Double]) {
        var xs: [Double] = [], values: [Double] = []
        for attempt in history.attempts {
            var points = try history.points(of: metric, attempt: attempt.number, db)
            if let hidden = attempt.hiddenFrom { points.cut(below: hidden) }
            if points.isEmpty { continue }
            if case .metric(let name) = request.axis {
                let other = try history.points(of: name, attempt: attempt.number, db)
                join(points, other, &xs, &values)
                continue
            }
            values += points.values
            switch request.axis {
            case .step, .metric: xs += points.steps.map(Double.init)
            case .wall: xs += points.times.map { Double($0) / 1e6 }
            case .relative: xs += points.times.map { Double($0 - history.startedMs * 1_000) / 1e6 }
            }
        }
        return (xs, values)
    }

    /// The other metric's value at the same step as x; steps without one are left out.
    private func join(_ points: SeriesPoints, _ other: SeriesPoints, _ xs: inout [Double], _ values: inout [Double]) {
        var place = 0
        for (step, value) in zip(points.steps, points.values) {
            while place < other.count, other.steps[place] < step { place += 1 }
            guard place < other.count, other.steps[place] == step, other.values[place].isFinite else { continue }
            xs.append(other.values[place])
            values.append(value)
        }
    }
}
