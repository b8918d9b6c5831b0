import Foundation
import HTTPSockets
import Synchronization
import TrackStore

/// Carries what the store commits to the browsers that listen: merged, and only of the project they look at.
final class LiveUpdates: Sendable {
    private struct State {
        var coalescer = ChangeCoalescer()
        var projects: [String: EventHub] = [:]
        var tasks: [Task<Void, Never>] = []
        var timer: Task<Void, Never>?
        var isClosed = false
    }

    /// Hears of everything; listeners of one project have a hub of their own, so that what others do costs them nothing.
    private let everything = EventHub()
    private let state = Mutex(State())        // guards all mutable state
    private static let hubLimit = 64

    /// Begins to listen to the store.
    func start(_ store: any Store) {
        let changes = store.changes()
        let task = Task { [weak self] in
            for await change in changes { self?.take(change) }
        }
        state.withLock { $0.tasks.append(task) }
    }

    /// A stream for one browser.
    /// - Parameter project: `nil` for all projects.
    func stream(project: String?, lastEventID: String?) -> EventStream {
        hub(for: project).stream(lastEventID: lastEventID)
    }

    var listenerCount: Int {
        let hubs = state.withLock { Array($0.projects.values) }
        return hubs.reduce(everything.listenerCount) { $0 + $1.listenerCount }
    }

    /// Ends all streams.
    func close() {
        let (hubs, tasks) = state.withLock { state in
            state.isClosed = true
            defer { state.tasks = []; state.timer = nil }
            return (Array(state.projects.values), state.tasks + [state.timer].compactMap(\.self))
        }
        tasks.forEach { $0.cancel() }
        (hubs + [everything]).forEach { $0.close() }
    }

    private func hub(for project: String?) -> EventHub {
        guard let project else { return everything }
        return state.withLock { state in
            if let hub = state.projects[project] { return hub }
            if state.projects.count >= Self.hubLimit { state.projects = state.projects.filter { $0.value.listenerCount > 0 } }
            let hub = EventHub(replay: 256)
            state.projects[project] = hub
            return hub
        }
    }

    private func take(_ change: StoreChange) {
        let now = Self.clock()
        let events = state.withLock { $0.coalescer.add(change, at: now) + $0.coalescer.take(at: now) }
        events.forEach(publish)
        schedule()
    }

    /// Wakes up when the next merged change is due; nothing runs while nothing waits.
    private func schedule() {
        state.withLock { state in
            guard state.timer == nil, !state.isClosed, let due = state.coalescer.nextDue else { return }
            let delay = max(0.001, due - Self.clock())
            state.timer = Task { [weak self] in
                try? await Task.sleep(for: .seconds(delay))
                guard let self, !Task.isCancelled else { return }
                let events = self.state.withLock { state in
                    state.timer = nil
                    return state.coalescer.take(at: Self.clock())
                }
                events.forEach(self.publish)
                self.schedule()
            }
        }
    }

    private func publish(_ event: LiveEvent) {
        guard let data = try? event.data() else { return }
        let sent = ServerSentEvent(event: event.name, data: data)
        everything.publish(sent)
        state.withLock { $0.projects[event.project] }?.publish(sent)
    }

    /// Seconds on a clock that never goes back.
    private static func clock() -> Double { ProcessInfo.processInfo.systemUptime }
}
