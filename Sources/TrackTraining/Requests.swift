import Synchronization
import Track
import Training

/// What is asked of a fit from outside: it comes on threads of the client, and is seen to between batches.
final class Requests: Sendable {
    private struct Waiting {
        /// What is listened to; nothing once the fit is over.
        var kinds: [CommandKind] = []
        var stops: [RunCommand] = []
        var saves: [RunCommand] = []
        var changes: [RunCommand] = []
    }
    private let waiting = Mutex(Waiting())      // guards all that waits
    /// Something waits, for a look without the lock.
    private let hasSome = Atomic(false)

    /// Listens from now on.
    /// - Parameter saving: Whether a checkpoint can be saved.
    func open(for run: Run, saving: Bool) {
        waiting.withLock { $0.kinds = saving ? [.stop, .checkpoint] : [.stop] }
        run.onCommand(.stop) { [self] in take($0, \.stops) }
        if saving { run.onCommand(.checkpoint) { [self] in take($0, \.saves) } }
    }

    /// Lets a value be changed from now on.
    func declare(_ declared: DeclaredValue, for run: Run) { run.declare(declared) { [self] in take($0, \.changes) } }

    private func take(_ command: RunCommand, _ place: WritableKeyPath<Waiting, [RunCommand]> & Sendable) {
        let isOpen = waiting.withLock { waiting in
            if waiting.kinds.isEmpty { return false }
            waiting[keyPath: place].append(command)
            return true
        }
        if isOpen { hasSome.store(true, ordering: .releasing) } else { command.refuse("The fit is over.") }
    }

    var isStopWaiting: Bool { hasSome.load(ordering: .acquiring) && waiting.withLock { !$0.stops.isEmpty } }

    /// Saves what was asked for, if the learner has just done a step.
    func save(_ learner: Learner) {
        guard hasSome.load(ordering: .acquiring), let first = waiting.withLock({ $0.saves.first }) else { return }
        do {
            guard let path = try learner.callbacks.lazy.compactMap({ $0 as? Checkpointing }).first?.save(learner) else { return }
            first.done(step: learner.stepCount, path)
        } catch {
            first.refuse("\(error)")
        }
        waiting.withLock { _ = $0.saves.removeFirst() }
    }

    /// The changes that wait, in the order in which they were asked for.
    func takeChanges() -> [RunCommand] {
        guard hasSome.load(ordering: .acquiring) else { return [] }
        return waiting.withLock { waiting in
            defer { waiting.changes = [] }
            return waiting.changes
        }
    }

    /// The fit is over: says so to whoever asked for its end, and listens no more.
    func close(for run: Run, at step: Int) {
        let left = waiting.withLock { waiting in
            defer { waiting = Waiting() }
            return waiting
        }
        hasSome.store(false, ordering: .relaxed)
        for kind in left.kinds { run.onCommand(kind, nil) }
        for command in left.stops { command.done(step: step) }
        for command in left.saves + left.changes { command.refuse("The fit ended before its next step.") }
    }
}
