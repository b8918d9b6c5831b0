import Foundation
import TrackModel

/// Logs what this process, and whatever it starts, prints, for the runs that asked for it. The terminal gets every byte as before.
final class ConsoleCapture: @unchecked Sendable {      // `lock` guards all variables
    static let shared = ConsoleCapture()
    private let lock = Lock()
    private var runs: [WeakRun] = []
    private var session: ConsoleSession?
    private var generation = 0
    private struct WeakRun { weak var run: Run? }

    private init() { ForkGuard.protect(self, [lock]) }

    /// Begins to log for a run.
    /// - Returns: Whether the streams could be led through.
    func begin(_ run: Run) -> Bool {
        lock.withLock {
            if generation != ForkGuard.generation.load(ordering: .relaxed) { forgetParent() }
            runs.removeAll { $0.run == nil || $0.run === run }
            if session == nil { session = ConsoleSession { [weak self] lines in self?.log(lines) } }
            if session != nil { runs.append(WeakRun(run: run)) }
            return session != nil
        }
    }

    /// Ends it for a run; with the last one the streams lead where they led before. What was printed until now has been logged.
    func end(_ run: Run) {
        let found = lock.withLock { () -> (session: ConsoleSession, isLast: Bool)? in
            guard generation == ForkGuard.generation.load(ordering: .relaxed), let session, runs.contains(where: { $0.run === run }) else { return nil }
            let isLast = !runs.contains { $0.run != nil && $0.run !== run }
            if isLast { self.session = nil }
            return (session, isLast)
        }
        guard let (session, isLast) = found else { return }
        if isLast { session.end() } else { session.settle() }       // without the lock: lines on their way need it
        lock.withLock { runs.removeAll { $0.run === run } }
    }

    /// The child of a `fork()` prints into its parent's pipe and is logged there.
    private func forgetParent() {
        generation = ForkGuard.generation.load(ordering: .relaxed)
        (runs, session) = ([], nil)
    }

    /// Several lines go as one record: a flood of them costs little more than one. Without the lock: a record may have to wait for others.
    private func log(_ lines: [LogLine]) {
        let listening = lock.withLock { runs.compactMap(\.run) }
        for start in stride(from: 0, to: lines.count, by: 500) {
            let part = Array(lines[start..<min(start + 500, lines.count)])
            for run in listening { run.append(BatchExtras(logs: part)) }
        }
    }
}

extension Run {
    /// Begins to log what the program prints, on its standard output and standard error streams, as lines of the run's log.
    ///
    /// The terminal gets every byte as before, colours and progress bars included: where a stream is a terminal, the program still finds one. Of a line
    /// that is written over (`\r`) the last state is logged. The output of programs that are started meanwhile counts, too. ``finish(_:exitCode:deadline:)`` ends
    /// it. `TRACK_CONSOLE=on` begins it with the run.
    ///
    /// - Returns: `false` if the system had no pipes to give; nothing is captured then.
    @discardableResult
    public func captureConsole() -> Bool {
        if mode == .disabled || lifetime.withLock({ $0.isFinished }) { return false }
        if ConsoleCapture.shared.begin(self) { return true }
        notices.say("The program's output is not logged: \(systemError()).")
        return false
    }

    /// Ends what ``captureConsole()`` began; everything printed so far has been logged.
    public func releaseConsole() { ConsoleCapture.shared.end(self) }
}

extension Tracker {
    /// See ``Run/captureConsole()``.
    @discardableResult
    public func captureConsole() -> Bool { run?.captureConsole() ?? false }

    /// See ``Run/releaseConsole()``.
    public func releaseConsole() { run?.releaseConsole() }
}
