import GRDB
import TrackModel
import TrackSeries

extension Writer {
    /// Makes the summaries of a run anew: after late or repeated steps, and when a resumed run hides some. Reads pages and batches, and
    /// of chunks only those that late steps fall into.
    func settle(_ state: LiveRun, _ db: Database) throws {
        let committed = tails[state.row]?.entries ?? []
        let pending = group.entries.filter { $0.row == state.row }.map(\.entry)
        let history = try RunHistory.read(state.id, limits: options.limits, db, tailsBefore: [state.row: committed + pending])
        var lastStep: Int64?
        for place in state.metrics.indices {
            var metric = MetricState(id: state.metrics[place].id, name: state.metrics[place].name)
            do {
                try metric.append(VisibleSeries(history, name: metric.name, metric: metric.id, db), db)
            } catch StoreError.damaged {
                metric = state.metrics[place]           // its readers are told; everything else goes on
            }
            (metric.isDirty, metric.hasGrown) = (true, state.metrics[place].hasGrown)
            state.metrics[place] = metric
            if metric.count > 0 { lastStep = max(lastStep ?? metric.lastStep, metric.lastStep) }
        }
        state.lastStep = lastStep ?? (state.metrics.isEmpty ? state.lastStep : nil)
        state.needsSettling = false
        state.isDirty = true
    }
}

extension MetricState {
    /// Adds a whole series. The last value is the one at the greatest step; of equal steps, the newest attempt's.
    mutating func append(_ series: VisibleSeries, _ db: Database) throws {
        for (number, elements) in series.attempts {
            guard let end = elements.last?.lastStep else { continue }
            let before = (last, lastStep)
            defer { lastAttempt = number }
            for element in elements {
                switch element {
                case .chunk(let entry): for record in entry.records { append(record) }
                case .points(let points): for value in points.values { append(value) }
                }
            }
            if case .chunk(let entry)? = elements.last, entry.records.last!.finite < entry.records.last!.count {
                last = try ChunkTable.readPoints(metric: series.metric, group: entry.group, [], db).values.last ?? last     // it may be NaN
            }
            if lastAttempt > 0, end < before.1 { last = before.0 }
            firstStep = Swift.min(firstStep, elements[0].firstStep)
            lastStep = Swift.max(lastStep, end)
        }
    }

    private mutating func append(_ record: PyramidRecord) {
        count += record.count
        nan += record.nan
        positiveInfinity += record.positiveInfinity
        negativeInfinity += record.negativeInfinity
        guard record.finite > 0 else { last = .nan; return }
        sum += record.sum
        if !(min <= record.min) { min = record.min }
        if !(max >= record.max) { max = record.max }
        last = record.last
    }
}
