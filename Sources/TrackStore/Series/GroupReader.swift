import GRDB
import TrackModel
import TrackSeries

/// Answers a grouped query: the members' buckets on one grid, then statistics over them.
struct GroupReader {
    let reader: SeriesReader
    let grouping: SeriesQuery.Grouping

    private struct Member {
        let run: RunID
        let work: SeriesWork
        let extent: SeriesSource.Extent
    }

    func answer(_ histories: [RunHistory?], _ answer: inout SeriesAnswer, _ db: Database) throws {
        let keys = try histories.map { try $0.map { try key(of: $0, db) } }
        for metric in reader.request.query.metrics {
            var groups: [(key: JSONValue, members: [Member])] = []
            for ((run, history), key) in zip(zip(reader.request.query.runs, histories), keys) {
                do {
                    let member = try member(run, metric, history, db)
                    if let place = groups.firstIndex(where: { $0.key == key! }) { groups[place].members.append(member) }
                    else { groups.append((key!, [member])) }
                } catch let missing as SeriesReader.Missing {
                    answer.missing.append(.init(run: run, metric: metric, reason: missing.reason))
                } catch StoreError.damaged {
                    reader.counters.update { $0.damagedBlobs += 1 }
                    answer.missing.append(.init(run: run, metric: metric, reason: .damaged))
                }
            }
            for group in groups { answer.series.append(try series(metric, group.key, group.members, db)) }
        }
    }

    private func member(_ run: RunID, _ metric: String, _ history: RunHistory?, _ db: Database) throws -> Member {
        let source = try reader.source(of: metric, history, db), extent = try source.extent(db)
        if extent.isEmpty { throw SeriesReader.Missing(reason: .noX) }
        return Member(run: run, work: SeriesWork(request: reader.request, source: source, history: history!, cache: reader.cache), extent: extent)
    }

    private func series(_ metric: String, _ key: JSONValue, _ members: [Member], _ db: Database) throws -> BucketSeries {
        var extent = SeriesSource.Extent()
        for member in members { extent.include(member.extent.low); extent.include(member.extent.high) }
        let grid = try members[0].work.grid(extent, db)
        let filled = try members.map { member in
            var accumulator = BucketAccumulator(grid)
            try member.work.fill(&accumulator, from: grid.low, member.extent, db)
            return accumulator
        }
        var series = BucketSeries(run: nil, metric: metric, firstX: extent.low, lastX: extent.high)
        series.take(GroupStatistics(aggregate: grouping.aggregate ?? .mean, band: grouping.band ?? .minmax).columns(filled), of: grid)
        series.group = key
        series.members = members.map(\.run)
        if let smoothing = reader.request.query.smoothing { series.columns.smoothed = smoothed(smoothing, series.columns, extent) }
        return series
    }

    /// A group is smoothed along its own line: one value a bucket.
    private func smoothed(_ smoothing: SeriesQuery.Smoothing, _ columns: BucketColumns, _ extent: SeriesSource.Extent) -> [Double] {
        let xs = columns.x1!, values = columns.mean!, range = extent.high - extent.low
        switch smoothing.kind {
        case .timeEMA: return follow(.timeWeighted(TimeWeightedAverage(amount: smoothing.amount, range: range)), xs, values)
        case .ema: return follow(.exponential(ExponentialAverage(amount: smoothing.amount)), xs, values)
        case .gaussian:
            let sigma = GaussianSmoother.sigma(amount: smoothing.amount, range: range)
            guard sigma > 0 else { return values }
            var smoother = GaussianSmoother(sigma: sigma, origin: xs.min()!)
            for (x, value) in zip(xs, values) { smoother.push(x: x, value: value) }
            return xs.map { smoother.value(at: $0) }
        case .average:
            var average = RunningAverage(window: Int(min(smoothing.amount, 1e7))), means: [Double] = []
            for value in values where value.isFinite { if let mean = average.push(value) { means.append(mean) } }
            means += average.finish()
            var next = 0
            return values.map { value in
                guard value.isFinite else { return .nan }
                defer { next += 1 }
                return means[next]
            }
        }
    }

    private func follow(_ smoother: Smoother, _ xs: [Double], _ values: [Double]) -> [Double] {
        var smoother = smoother
        return zip(xs, values).map { smoother.push(x: $0, value: $1) }
    }

    /// The run's values of the keys that were asked for; what it lacks is null, a group of its own.
    private func key(of history: RunHistory, _ db: Database) throws -> JSONValue {
        let row = try Row.fetchOne(db, sql: "SELECT name, state, group_name, job_type, tags, config FROM run WHERE id = :run", arguments: ["run": history.row])!
        let config = JSONText.decode(row["config"] ?? "{}").flattened()
        var values: [String: JSONValue] = [:]
        for key in grouping.by {
            switch key {
            case "name", "state": values[key] = .string(row[key])
            case "group": values[key] = (row["group_name"] as String?).map { .string($0) } ?? .null
            case "jobType": values[key] = (row["job_type"] as String?).map { .string($0) } ?? .null
            case "tags": values[key] = JSONText.decode(row["tags"] as String)
            case "id": values[key] = .string(history.id.text)
            default: values[key] = config[key.hasPrefix("config.") ? String(key.dropFirst(7)) : key] ?? .null
            }
        }
        return .object(values)
    }
}
