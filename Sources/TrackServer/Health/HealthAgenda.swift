import TrackModel

/// Which run is to be looked at next. Pure: the caller passes the time, in seconds.
///
/// A run that somebody waits for comes first. The others are looked at once a ``interval`` at most, in the order in which they became due, and
/// rest follows work: of ten seconds at most one is spent.
struct HealthAgenda {
    /// Seconds between two looks at one run.
    static let interval = 1.0
    /// Seconds of rest for each second of work.
    static let rest = 9.0

    private var due: [RunID: Double] = [:]
    private var lastLook: [RunID: Double] = [:]
    private var asked: [RunID] = []
    private var restUntil = -Double.infinity

    /// Runs that wait.
    var waiting: Int { due.count }

    /// A run grew, or changed its state.
    mutating func note(_ run: RunID, at now: Double) {
        if due[run] == nil { due[run] = max(now, (lastLook[run] ?? -.infinity) + Self.interval) }
    }

    /// Somebody waits for a run.
    mutating func ask(_ run: RunID) {
        if !asked.contains(run) { asked.append(run) }
    }

    mutating func forget(_ run: RunID) {
        due[run] = nil
        lastLook[run] = nil
    }

    /// The run to look at now; `nil` if none is due, or it is time to rest.
    mutating func next(at now: Double) -> RunID? {
        if !asked.isEmpty {
            let run = asked.removeFirst()
            due[run] = nil
            return run
        }
        guard now >= restUntil, let first = due.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }), first.value <= now else { return nil }
        due[first.key] = nil
        return first.key
    }

    /// A look at a run has ended.
    mutating func looked(at run: RunID, seconds: Double, now: Double) {
        lastLook[run] = now
        restUntil = max(restUntil, now + Self.rest * seconds)
        if lastLook.count > 4_096 { lastLook = lastLook.filter { now - $0.value < Self.interval } }
    }

    /// Whether nothing waits. O(1): it is asked at each change that is heard of.
    var isEmpty: Bool { due.isEmpty && asked.isEmpty }

    /// When there is something to do next; `nil` if nothing waits. O(runs that wait).
    var wakeUp: Double? { asked.isEmpty ? due.values.min().map { max($0, restUntil) } : -.infinity }
}
