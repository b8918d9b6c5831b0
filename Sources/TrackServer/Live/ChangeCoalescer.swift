import TrackModel
import TrackStore

/// Merges committed changes so that each run is heard of at most twice a second, however fast it logs. Pure: the caller passes the time.
///
/// The first change of a quiet run is due at once; what follows within ``interval`` is merged and due at its end. Nothing is lost: totals are
/// replaced by later ones, sets of names are united.
struct ChangeCoalescer {
    /// Seconds between two rounds of one run.
    static let interval = 0.5

    /// What is to be told of one run, by kind.
    private struct Pending {
        var project: String
        var record: RunRecord?
        var rows: (lastStep: Int64, rows: Int, points: Int, metrics: Set<String>)?
        var histograms: Set<String> = []
        var media: Set<String> = []
        var logTotal: Int?
        var events: [RunEvent] = []
        var findings: (counts: [String: Int], health: FindingSeverity?)?
        var commands: [Int64: CommandRecord] = [:]
        var due: Double
    }

    private var pending: [RunID: Pending] = [:]
    private var lastTold: [RunID: Double] = [:]

    /// When ``take(at:)`` has something to give; `nil` if nothing waits.
    var nextDue: Double? { pending.values.lazy.map(\.due).min() }

    /// Adds a change; a deletion is returned at once and drops what waited for the run.
    mutating func add(_ change: StoreChange, at now: Double) -> [LiveEvent] {
        switch change {
        case .run(let record):
            update(record.id, record.project, now) { $0.record = record }
        case .rows(let project, let run, let lastStep, let rows, let points, let metrics):
            update(run, project, now) {
                let names = ($0.rows?.metrics ?? []).union(metrics)
                $0.rows = (max(lastStep, $0.rows?.lastStep ?? lastStep), rows, points, names)
            }
        case .histograms(let project, let run, let names):
            update(run, project, now) { $0.histograms.formUnion(names) }
        case .media(let project, let run, let names):
            update(run, project, now) { $0.media.formUnion(names) }
        case .logs(let project, let run, let total):
            update(run, project, now) { $0.logTotal = max(total, $0.logTotal ?? 0) }
        case .events(let project, let run, let events):
            update(run, project, now) { $0.events += events }
        case .findings(let project, let run, let counts, let health):
            update(run, project, now) { $0.findings = (counts, health) }
        case .command(let project, let command):
            update(command.run, project, now) { $0.commands[command.id] = command }
        case .deleted(let project, let run):
            pending[run] = nil
            lastTold[run] = nil
            return [.deleted(project: project, run: run)]
        }
        return []
    }

    /// What is due, oldest first.
    mutating func take(at now: Double) -> [LiveEvent] {
        let due = pending.filter { $0.value.due <= now }.sorted { ($0.value.due, $0.key) < ($1.value.due, $1.key) }
        for (run, _) in due { pending[run] = nil; lastTold[run] = now }
        if lastTold.count > 4_096 { lastTold = lastTold.filter { now - $0.value < Self.interval } }
        return due.flatMap { Self.events($0.key, $0.value) }
    }

    private mutating func update(_ run: RunID, _ project: String, _ now: Double, _ change: (inout Pending) -> Void) {
        let due = max(now, (lastTold[run] ?? -.infinity) + Self.interval)
        change(&pending[run, default: Pending(project: project, due: due)])
    }

    private static func events(_ run: RunID, _ pending: Pending) -> [LiveEvent] {
        var events: [LiveEvent] = []
        if let record = pending.record { events.append(.run(record)) }
        if let rows = pending.rows {
            events.append(.rows(.init(project: pending.project, run: run, lastStep: rows.lastStep, rows: rows.rows, points: rows.points,
                                      metrics: rows.metrics.sorted())))
        }
        if !pending.histograms.isEmpty {
            events.append(.histograms(.init(project: pending.project, run: run, names: pending.histograms.sorted())))
        }
        if !pending.media.isEmpty { events.append(.media(.init(project: pending.project, run: run, names: pending.media.sorted()))) }
        if let total = pending.logTotal { events.append(.logs(.init(project: pending.project, run: run, total: total))) }
        if let findings = pending.findings {
            events.append(.findings(.init(project: pending.project, run: run, findings: findings.counts, health: findings.health)))
        }
        events += pending.commands.values.sorted { $0.id < $1.id }.map { .command(.init(project: pending.project, run: run, command: $0)) }
        if !pending.events.isEmpty { events.append(.runEvents(.init(project: pending.project, run: run, events: pending.events))) }
        return events
    }
}
