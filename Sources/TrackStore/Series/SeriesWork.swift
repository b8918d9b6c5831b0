import GRDB
import TrackModel
import TrackSeries

/// One curve: which buckets, from which level, with what beside them.
struct SeriesWork {
    let request: SeriesRequest
    let source: SeriesSource
    let history: RunHistory
    let cache: RecordCache

    func series(_ run: RunID, _ metric: String, since: SeriesCursor?, _ db: Database) throws -> BucketSeries {
        let extent = try source.extent(db)
        if extent.isEmpty { throw SeriesReader.Missing(reason: .noX) }
        var series = BucketSeries(run: run, metric: metric, firstX: extent.low, lastX: extent.high)
        let plan = since.flatMap { $0.continued(to: extent.high, history, request) }
        let grid = try plan?.grid ?? grid(extent, db)
        var accumulator = BucketAccumulator(grid)
        try fill(&accumulator, from: plan?.from ?? grid.low, extent, db)
        series.delta = plan != nil
        if let smoothing = request.query.smoothing { try smooth(smoothing, &accumulator, extent, db) }
        series.take(accumulator)
        // A part of a series would tell of a part of them.
        if history.disturbedBatch > 0, request.wantedSteps == nil { series.late = try source.series.latePoints(cache, db) }
        if request.query.smoothing != nil { series.columns.smoothed = accumulator.smoothed }
        if let wanted = request.query.percentiles, !wanted.isEmpty { series.percentiles = try percentiles(wanted, series, grid, db) }
        series.cursor = SeriesCursor(
            lastBatch: source.series.lastBatch, low: plan?.low ?? grid.low, width: (grid.high - grid.low) / Double(grid.count),
            from: series.columns.x0?.last ?? plan?.from ?? grid.low, isWhole: isContinuable).text
        return series
    }

    /// Whether later points can be put behind this answer. What an older attempt still sends moves the running time of all after it.
    private var isContinuable: Bool {
        request.query.to == nil && request.scale == .linear && source.other == nil && (source.axis != .running || history.attempts.count < 2)
    }

    /// The buckets over what was asked for, or over everything.
    func grid(_ extent: SeriesSource.Extent, _ db: Database) throws -> BucketGrid {
        var low = request.query.from ?? extent.low
        if request.scale == .log, low <= 0 { low = try leastPositive(extent, db) }
        return BucketGrid(low: low, high: max(request.query.to ?? extent.high, low), count: request.buckets, scale: request.scale)
    }

    /// A logarithmic axis begins at the first x above 0.
    private func leastPositive(_ extent: SeriesSource.Extent, _ db: Database) throws -> Double {
        if extent.low > 0 { return extent.low }
        if source.axis == .step { return 1 }
        var least = Double.infinity
        try source.eachPoint(db) { x, _ in if x > 0 { least = min(least, x) } }
        return least.isFinite ? least : 1
    }

    /// Puts every point from `from` to the grid's end into its bucket.
    func fill(_ accumulator: inout BucketAccumulator, from: Double, _ extent: SeriesSource.Extent, _ db: Database) throws {
        let high = accumulator.grid.high, source = source
        if source.other != nil {
            return try source.eachPoint(db) { x, value in if x >= from, x <= high { accumulator.add(x: x, value: value) } }
        }
        let mixed = extent.allowsRecords ? source.mixedChunks() : []
        let relation = { (entry: ChunkEntry, attempt: Int) -> VisibleSeries.Relation in
            let (x0, x1) = source.ends(of: entry, in: attempt)
            if !extent.allowsRecords && source.usesTimes { return .straddling }
            if !mixed.isEmpty, mixed.contains(entry.group) { return x1 < from || x0 > high ? .outside : .straddling }
            return x1 < from || x0 > high ? .outside : x0 >= from && x1 <= high ? .inside : .straddling
        }
        try source.series.visit(
            level(relation, extent), times: source.usesTimes, cache, db, relation: relation,
            records: { records, attempt in
                let origin = source.origins[attempt]
                for record in records {
                    let x0 = source.x(step: record.firstStep, time: record.firstTime, since: origin)
                    accumulator.add(record, x0: x0, x1: source.x(step: record.lastStep, time: record.lastTime, since: origin))
                }
            },
            points: { points, attempt in
                if source.usesTimes { accumulator.add(points, from: from, to: high, secondsSince: source.origins[attempt]) }
                else { accumulator.add(points, from: from, to: high) }
            })
    }

    /// The coarsest level that still has two records for each bucket; points where even the lowest has fewer.
    private func level(_ relation: (ChunkEntry, Int) -> VisibleSeries.Relation, _ extent: SeriesSource.Extent) -> VisibleSeries.Level {
        guard extent.allowsRecords else { return .points }
        var upper = 0, lowest = 0
        for (attempt, element) in source.series.numbered {
            guard case .chunk(let entry) = element, relation(entry, attempt) == .inside else { continue }
            upper += entry.records.count
            lowest += (entry.points + PyramidRecord.points - 1) / PyramidRecord.points
        }
        return upper >= 2 * request.buckets ? .upper : lowest >= 2 * request.buckets ? .lowest : .points
    }

    private func percentiles(_ wanted: [Double], _ series: BucketSeries, _ grid: BucketGrid, _ db: Database) throws -> [Double] {
        let low = series.columns.min!.lazy.filter { !$0.isNaN }.min(), high = series.columns.max!.lazy.filter { !$0.isNaN }.max()
        guard let low, let high else { return wanted.map { _ in .nan } }
        var quantiles = Quantiles(expected: series.points, range: low...high)
        try source.eachPoint(db) { x, value in if grid.contains(x) { quantiles.add(value) } }
        return quantiles.percentiles(wanted)
    }
}
