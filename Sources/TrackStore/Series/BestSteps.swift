import GRDB
public import TrackModel
import TrackSeries

extension SQLiteStore {
    public func bestSteps(_ query: BestStepsQuery) async throws -> BestStepsAnswer {
        guard (1...1_000).contains(query.runs.count) else {
            throw StoreError.invalidParameter(name: "runs", value: "\(query.runs.count) runs", reason: "it is 1 … 1000")
        }
        guard (1...8).contains(query.pairs.count) else {
            throw StoreError.invalidParameter(name: "pairs", value: "\(query.pairs.count) pairs", reason: "it is 1 … 8")
        }
        let before = try await tails(of: query.runs), limits = options.limits
        return try await read { db in
            var answer = BestStepsAnswer(values: []), goals = Goals()
            for run in query.runs {
                guard let history = try? RunHistory.read(run, limits: limits, db, tailsBefore: before) else { continue }
                let project = try goals.project(of: history.row, db)
                for pair in query.pairs {
                    let least = try goals.isLeast(pair.at, in: project, db)
                    if let value = try BestStep(history: history).value(of: pair, least: least, db) { answer.values.append(value) }
                }
            }
            return answer
        }
    }
}

/// Which way metrics are best, each looked up once.
private struct Goals {
    private var known: [String: Bool] = [:]

    func project(of run: Int64, _ db: Database) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT project_id FROM run WHERE id = :run", arguments: ["run": run])!
    }

    mutating func isLeast(_ metric: String, in project: Int64, _ db: Database) throws -> Bool {
        let key = "\(project) \(metric)"
        if let least = known[key] { return least }
        let least = try FilterNames(project: project, db: db).bestAggregate(metric) == "min"
        known[key] = least
        return least
    }
}

/// Finds the step at which a metric of one run is best: by the records of whole stretches, so that of each curve one stretch is unpacked.
struct BestStep {
    let history: RunHistory

    func value(of pair: BestStepsQuery.Pair, least: Bool, _ db: Database) throws -> BestStepsAnswer.Value? {
        do {
            guard let other = try history.metric(pair.at, db), let metric = try history.metric(pair.metric, db),
                  let best = try best(VisibleSeries(history, name: pair.at, metric: other, db), least: least, db) else { return nil }
            let series = try VisibleSeries(history, name: pair.metric, metric: metric, steps: .min ... best.step, db)
            guard let found = try last(of: series, upTo: best.step, db) else { return nil }
            return .init(run: history.id, metric: pair.metric, at: pair.at, value: .number(found.value), step: found.step, best: best.value, bestStep: best.step)
        } catch StoreError.damaged {
            return nil                                              // its chart says so
        }
    }

    typealias Point = (step: Int64, value: Double)

    /// The best finite value with the first step that has it.
    func best(_ series: VisibleSeries, least: Bool, _ db: Database) throws -> Point? {
        let extremes = series.elements.map { (element: $0, value: Self.extreme(of: $0, least: least)) }
        let values = extremes.compactMap(\.value)
        guard let best = least ? values.min() : values.max() else { return nil }
        var first: Int64?
        // Attempts may overlap, so that of equal values any may be the first.
        for (element, value) in extremes.sorted(by: { $0.element.firstStep < $1.element.firstStep }) where value == best {
            if let first, first <= element.firstStep { break }
            let points = try PointStream.points(of: element, metric: series.metric, db)
            guard let place = points.values.firstIndex(of: best) else { continue }
            first = min(first ?? .max, points.steps[place])
        }
        return first.map { ($0, best) }
    }

    /// The least or greatest finite value of a stretch.
    private static func extreme(of element: VisibleSeries.Element, least: Bool) -> Double? {
        let values: [Double] = switch element {
        case .chunk(let entry): entry.records.filter { $0.finite > 0 }.map { least ? $0.min : $0.max }
        case .points(let points): points.values.filter(\.isFinite)
        }
        return least ? values.min() : values.max()
    }

    /// The point at a step, or the last before it; of equal steps the newest attempt's.
    func last(of series: VisibleSeries, upTo step: Int64, _ db: Database) throws -> Point? {
        var found: Point?
        for (_, elements) in series.attempts {
            guard let element = elements.last(where: { $0.firstStep <= step }) else { continue }
            let points = try PointStream.points(of: element, metric: series.metric, db)
            let end = points.steps.firstPlace { $0 > step }
            if end > 0, points.steps[end - 1] >= found?.step ?? .min { found = (points.steps[end - 1], points.values[end - 1]) }
        }
        return found
    }
}
