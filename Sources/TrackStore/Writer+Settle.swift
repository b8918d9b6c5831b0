import GRDB
import TrackModel
import TrackSeries

extension Writer {
    /// Makes the summaries of a run anew from its points: after late or repeated steps, and when a resumed run hides some.
    func settle(_ state: LiveRun, _ db: Database) throws {
        let committed = tails[state.row]?.entries ?? []
        let pending = group.entries.filter { $0.row == state.row }.map(\.entry)
        let history = try RunHistory.read(
            state.id, limits: options.limits, db, tailsBefore: [state.row: committed + pending])
        state.lastStep = nil
        for place in state.metrics.indices {
            var metric = MetricState(id: state.metrics[place].id, name: state.metrics[place].name)
            for attempt in history.attempts {
                var points = try history.points(of: metric.name, attempt: attempt.number, db)
                if let hidden = attempt.hiddenFrom { points.cut(below: hidden) }
                metric.append(points, attempt: attempt.number)
            }
            metric.isDirty = true
            state.metrics[place] = metric
            if metric.count > 0 { state.lastStep = max(state.lastStep ?? metric.lastStep, metric.lastStep) }
        }
        state.needsSettling = false
        state.isDirty = true
    }
}

extension RunHistory {
    func points(of metric: String, attempt: Int, _ db: Database) throws -> SeriesPoints {
        try tailPoints(of: metric, attempt: attempt, db)
    }
}

extension MetricState {
    /// Adds an attempt's points, which may begin before the last one ended.
    mutating func append(_ points: SeriesPoints, attempt: Int) {
        guard let first = points.steps.first, let end = points.steps.last else { return }
        let before = last
        for value in points.values { append(value) }
        if lastAttempt > 0, end < lastStep { last = before }
        firstStep = Swift.min(firstStep, first)
        lastStep = Swift.max(lastStep, end)
        lastAttempt = attempt
    }
}
