import GRDB
import TrackModel
import TrackSeries

/// Answers a series query on one snapshot.
struct SeriesReader {
    let request: SeriesRequest
    let limits: BatchLimits
    /// Taken before the snapshot was opened.
    let tails: [Int64: [RunTail.Entry]]
    let counters: StoreCounters
    let cache: RecordCache

    /// - Parameter part: Which of the query's runs; a grouped query needs all.
    func answer(_ part: Range<Int>, _ db: Database) throws -> SeriesAnswer {
        var answer = SeriesAnswer(x: request.query.x ?? "step", buckets: request.buckets, series: [])
        let histories = try request.query.runs[part].map { run -> RunHistory? in
            do { return try RunHistory.read(run, limits: limits, db, tailsBefore: tails) } catch StoreError.unknownRun { return nil }
        }
        if let grouping = request.query.group { try GroupReader(reader: self, grouping: grouping).answer(histories, &answer, db) }
        else { try single(part, histories, &answer, db) }
        for place in answer.series.indices {
            if let columns = request.query.columns { answer.series[place].columns.keep(only: columns) }
        }
        return answer
    }

    private func single(_ part: Range<Int>, _ histories: [RunHistory?], _ answer: inout SeriesAnswer, _ db: Database) throws {
        var place = part.lowerBound * request.query.metrics.count
        for (run, history) in zip(request.query.runs[part], histories) {
            for metric in request.query.metrics {
                defer { place += 1 }
                let since = request.query.since.flatMap { place < $0.count ? SeriesCursor($0[place]) : nil }
                switch try series(of: metric, run, history, db, since: since) {
                case .success(let series): answer.series.append(series)
                case .failure(let missing): answer.missing.append(.init(run: run, metric: metric, reason: missing.reason))
                }
            }
        }
    }

    struct Missing: Error { let reason: SeriesAnswer.Missing.Reason }

    /// One run's curve, or why there is none. Damage stays with the series that has it.
    private func series(of metric: String, _ run: RunID, _ history: RunHistory?, _ db: Database, since: SeriesCursor?) throws -> Result<BucketSeries, Missing> {
        do {
            let source = try source(of: metric, history, db)
            let work = SeriesWork(request: request, source: source, history: history!, cache: cache)
            return .success(try work.series(run, metric, since: since, db))
        } catch let missing as Missing {
            return .failure(missing)
        } catch StoreError.damaged {
            counters.update { $0.damagedBlobs += 1 }
            return .failure(Missing(reason: .damaged))
        }
    }

    /// The points behind a curve, on the x axis that was asked for.
    func source(of metric: String, _ history: RunHistory?, _ db: Database) throws -> SeriesSource {
        guard let history else { throw Missing(reason: .unknownRun) }
        guard let id = try history.metric(metric, db) else { throw Missing(reason: .notLogged) }
        let series = try VisibleSeries(history, name: metric, metric: id, steps: request.wantedSteps, db)
        if series.isEmpty { throw Missing(reason: .notLogged) }
        let origins = try TimeOrigins(request.axis, history, db)
        guard case .metric(let name) = request.axis else { return SeriesSource(series: series, axis: request.axis, origins: origins, other: nil) }
        guard let other = try history.metric(name, db) else { throw Missing(reason: .noX) }
        return SeriesSource(series: series, axis: request.axis, origins: origins, other: try VisibleSeries(history, name: name, metric: other, db))
    }
}
