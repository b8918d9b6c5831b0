import Foundation
import Synchronization
import TrackModel
import TrackStore

/// Looks after the health of all runs: one thread of low priority examines what comes in, beside the requests and never in their way.
///
/// It hears of changes as browsers do, reads only points that are new, and rests nine times as long as it works; without changes it wakes up every
/// quarter of a minute to see which running runs have fallen silent.
final class HealthMonitor: Sendable {
    /// What was done so far.
    struct Counters: Sendable, Equatable {
        var examinations = 0
        var failures = 0
        var points = 0
        var changes = 0
        var seconds = 0.0
        var waiting = 0
    }

    private struct State {
        var agenda = HealthAgenda()
        var counters = Counters()
        /// Who waits for a run's examination, by number.
        var asking: [Int: (run: RunID, continuation: CheckedContinuation<Bool, Never>)] = [:]
        var nextNumber = 0
        var deleted: [RunID] = []
        var isRunning = false
        var isStopping = false
        var stopped: CheckedContinuation<Void, Never>?
        var listener: Task<Void, Never>?
    }

    /// Seconds between two looks for silent runs.
    static let silenceInterval = 15.0
    private let store: any HealthStore
    private let state = Mutex(State())          // guards all mutable state
    private let wake = DispatchSemaphore(value: 0)

    init(store: any HealthStore) { self.store = store }

    var counters: Counters {
        state.withLock { state in
            var counters = state.counters
            counters.waiting = state.agenda.waiting
            return counters
        }
    }

    /// Begins to listen and to work.
    func start(_ changes: AsyncStream<StoreChange>) {
        let listener = Task { [weak self] in
            for await change in changes { self?.hear(change) }
        }
        state.withLock { ($0.isRunning, $0.listener) = (true, listener) }
        let thread = Thread { [self] in
            BackgroundPriority.low.take()
            work()
            let stopped = state.withLock { state in
                state.isRunning = false
                return state.stopped
            }
            stopped?.resume()
        }
        thread.name = "track-health"
        thread.stackSize = 2 << 20
        thread.start()
    }

    /// Ends the work; returns when the thread has left the store alone.
    func stop() async {
        let asking = state.withLock { state in
            state.isStopping = true
            state.listener?.cancel()
            defer { state.asking = [:] }
            return state.asking.values.map(\.continuation)
        }
        asking.forEach { $0.resume(returning: false) }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.isRunning { state.stopped = continuation }
                return !state.isRunning
            }
            if isOver { continuation.resume() }
            wake.signal()
        }
    }

    /// Waits until everything that a run has now was looked at.
    /// - Returns: Whether that came to pass before `limit`.
    func settle(_ run: RunID, within limit: Duration = .seconds(1)) async -> Bool {
        await withCheckedContinuation { continuation in
            let number = state.withLock { state -> Int? in
                guard state.isRunning, !state.isStopping else { return nil }
                state.nextNumber += 1
                state.asking[state.nextNumber] = (run, continuation)
                state.agenda.ask(run)
                return state.nextNumber
            }
            guard let number else { return continuation.resume(returning: false) }
            wake.signal()
            Task { [weak self] in
                try? await Task.sleep(for: limit)
                self?.state.withLock { $0.asking.removeValue(forKey: number) }?.continuation.resume(returning: false)
            }
        }
    }

    private func hear(_ change: StoreChange) {
        let now = Self.clock()
        let wasQuiet = state.withLock { state in
            let wasQuiet = state.agenda.isEmpty
            switch change {
            case .run(let record): state.agenda.note(record.id, at: now)
            case .rows(_, let run, _, _, _, _): state.agenda.note(run, at: now)
            case .deleted(_, let run):
                state.agenda.forget(run)
                state.deleted.append(run)
            default: return false
            }
            return wasQuiet
        }
        if wasQuiet { wake.signal() }
    }

    private func work() {
        let examiner = RunExaminer(store: store)
        note { try store.unexamined(limit: 100_000) }
        var nextSilence = Self.clock() + Self.silenceInterval
        while !state.withLock({ $0.isStopping }) {
            let now = Self.clock()
            if now >= nextSilence {
                note { try store.runsWithChangedSilence(before: TrackServer.now() - RunState.silence) }
                nextSilence = now + Self.silenceInterval
            }
            let (run, deleted, wakeUp) = state.withLock { state in
                defer { state.deleted = [] }
                return (state.agenda.next(at: now), state.deleted, state.agenda.wakeUp)
            }
            deleted.forEach(examiner.forget)
            if let run { look(at: run, examiner) } else { _ = wake.wait(timeout: .now() + max(0.001, min(wakeUp ?? .infinity, nextSilence) - now)) }
        }
        examiner.leave()
    }

    private func look(at run: RunID, _ examiner: RunExaminer) {
        // Who asks while this goes on waits for the next one.
        let asking = state.withLock { state in state.asking.filter { $0.value.run == run }.map(\.key) }
        let start = Self.clock(), found = try? examiner.examine(run), now = Self.clock()
        let answered = state.withLock { state in
            state.agenda.looked(at: run, seconds: now - start, now: now)
            state.counters.examinations += 1
            state.counters.failures += found == nil ? 1 : 0
            state.counters.points += found?.points ?? 0
            state.counters.changes += found?.isChanged ?? false ? 1 : 0
            state.counters.seconds += now - start
            return asking.compactMap { state.asking.removeValue(forKey: $0)?.continuation }
        }
        for continuation in answered { continuation.resume(returning: found != nil) }
    }

    private func note(_ runs: () throws -> [RunID]) {
        let runs = (try? runs()) ?? [], now = Self.clock()
        state.withLock { state in for run in runs { state.agenda.note(run, at: now) } }
    }

    /// Seconds on a clock that never goes back.
    private static func clock() -> Double { ProcessInfo.processInfo.systemUptime }
}
