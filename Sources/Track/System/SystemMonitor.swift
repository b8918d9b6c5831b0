import Foundation

/// Reads the machine for every run that asked for it, on one thread of the process.
///
/// A reading costs some tenths of a millisecond: one every ten seconds is a ten-thousandth of a core.
final class SystemMonitor: @unchecked Sendable {       // `lock` guards all variables
    static let shared = SystemMonitor()
    private let lock = Lock()
    private var watched: [Watched] = []
    private var isRunning = false
    private var generation = 0
    private lazy var gpus = NVIDIA()        // used by the thread alone

    private struct Watched {
        weak var run: Run?
        var prefix: String
        var interval_ns: Int64
        var next_ns: Int64
        var last: MachineReading
    }

    /// Readings that wait longer for a row than these get a row of their own: a minute, as a rule.
    private static let patience = 6

    private init() { ForkGuard.protect(self, [lock]) }

    /// Begins to read for a run: first after a second, so that short runs show something, then at each interval.
    /// - Parameter prefix: What stands before the names: `system/`.
    func watch(_ run: Run, prefix: String, interval: Duration) {
        let interval = max(100_000_000, interval.nanoseconds)
        let first = MachineReading.now(folder: run.settings.folder)
        lock.withLock {
            if generation != ForkGuard.generation.load(ordering: .relaxed) { forgetParent() }
            watched.append(Watched(run: run, prefix: prefix, interval_ns: interval, next_ns: first.time + min(interval, 1_000_000_000), last: first))
            if isRunning { return lock.signal() }
            isRunning = true
            inBackground("track-system", stack: 256 << 10) { [self] in work() }
        }
    }

    func forget(_ run: Run) {
        lock.withLock {
            watched.removeAll { $0.run == nil || $0.run === run }
            lock.signal()
        }
    }

    /// The child of a `fork()` has neither the parent's thread nor its runs to watch.
    private func forgetParent() {
        generation = ForkGuard.generation.load(ordering: .relaxed)
        (watched, isRunning) = ([], false)
    }

    private func work() {
        while let due = takeDue() {
            for run in due { read(run) }        // without the lock: a row may have to wait for others
        }
    }

    /// Waits until readings are due; `nil` when no run is left.
    private func takeDue() -> [Run]? {
        lock.withLock {
            while true {
                watched.removeAll { $0.run == nil }
                guard let next = watched.map(\.next_ns).min() else { isRunning = false; return nil }
                let now = monotonic_ns()
                let due = watched.indices.filter { watched[$0].next_ns <= now }
                for index in due { watched[index].next_ns = now + watched[index].interval_ns }
                if !due.isEmpty { return due.compactMap { watched[$0].run } }
                lock.wait(atMost: .nanoseconds(max(1_000_000, next - now)))
            }
        }
    }

    private func read(_ run: Run) {
        let reading = MachineReading.now(folder: run.settings.folder), devices = gpus?.metrics() ?? [:]
        let found = lock.withLock { () -> (prefix: String, values: [String: Double])? in
            guard let index = watched.firstIndex(where: { $0.run === run }) else { return nil }
            defer { watched[index].last = reading }
            return (watched[index].prefix, reading.metrics(since: watched[index].last))
        }
        guard let (prefix, values) = found else { return }
        let named = values.merging(devices) { $1 }.map { (prefix + $0.key, $0.value) }
        let waiting = run.passengers.add(Dictionary(uniqueKeysWithValues: named))
        if waiting >= Self.patience { run.logPassengers() }
    }
}

extension Run {
    /// Gives waiting system metrics a row of their own, at the step of the row logged last.
    func logPassengers() {
        let values = passengers.board()
        if !values.isEmpty { log(Dictionary(uniqueKeysWithValues: values.map { ($0.name, $0.value) }), step: Int(chosen(nil))) }
    }
}
