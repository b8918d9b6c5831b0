import Foundation
import Synchronization
import TrackModel

/// The background thread of one run: keeps the next segment ready and carries the spool to the server.
final class Sender: @unchecked Sendable {       // `lock` guards all variables; the courier belongs to the thread
    private let lock: Lock
    private let spool: SpoolWriter
    private let collector: Collector
    private let plan: Plan
    private let interruption = HTTPClient.Interruption()
    private var isFinishing = false
    private var isUrgent = false
    private var deadline_ns: Int64 = .max
    private var isOver = false
    private var finishers: [CheckedContinuation<Bool, Never>] = []
    private var flushers: [CheckedContinuation<Bool, Never>] = []
    private var creators: [CheckedContinuation<Creation, Never>] = []
    private var creation: Creation?
    private var stored = SpoolState()
    let notices: Notices

    /// Where and how to deliver.
    struct Plan: Sendable {
        var manifest: Manifest
        var url: String
        var key: String?
        var isOnline: Bool
    }

    /// What came of creating the run.
    enum Creation: Sendable {
        case created(CreateRunResponse)
        case refused(ErrorResponse)
        /// The server has not answered yet; rows wait.
        case pending
    }

    init(spool: SpoolWriter, collector: Collector, plan: Plan, notices: Notices) {
        (self.spool, self.collector, self.plan, self.notices) = (spool, collector, plan, notices)
        lock = spool.wake
    }

    func start() {
        let thread = Thread { [self] in
            blockSignals()
            work()
        }
        thread.name = "track"
        thread.stackSize = 1 << 20
        thread.start()
    }

    // MARK: Asked by the run

    /// Waits for the server's answer to the creation, `limit` at most.
    func creation(within limit: Duration) async -> Creation {
        let ends = monotonic_ns() + limit.nanoseconds
        Task.detached { [self] in
            try? await Task.sleep(for: limit)
            if monotonic_ns() >= ends { settleCreation(.pending) }
        }
        return await withCheckedContinuation { continuation in
            lock.withLock {
                if let creation { continuation.resume(returning: creation) } else { creators.append(continuation) }
            }
        }
    }

    /// Delivers what was logged so far; `false` if the deadline came first.
    func flush(within limit: Duration) async -> Bool {
        Task.detached { [self] in
            try? await Task.sleep(for: limit)
            settleFlush(false)
        }
        return await withCheckedContinuation { continuation in
            lock.withLock {
                if isOver || !plan.isOnline { continuation.resume(returning: !plan.isOnline); return }
                flushers.append(continuation)
                isUrgent = true
                lock.signal()
            }
        }
    }

    /// Delivers everything and ends the thread; `false` if the deadline came first.
    func finish(within limit: Duration) async -> Bool {
        await withCheckedContinuation { continuation in
            lock.withLock {
                if isOver { continuation.resume(returning: true); return }
                finishers.append(continuation)
                beginFinish(limit)
            }
        }
    }

    /// Waits on this thread until the run is over; for signals and the end of the process.
    func finishBlocking(within limit: Duration) {
        lock.withLock {
            beginFinish(limit)
            while !isOver && monotonic_ns() < deadline_ns + 500_000_000 { lock.wait(atMost: .milliseconds(50)) }
        }
    }

    private func beginFinish(_ limit: Duration) {
        let ends = monotonic_ns().addingReportingOverflow(max(0, limit.nanoseconds))
        deadline_ns = min(deadline_ns, ends.overflow ? .max : ends.partialValue)
        interruption.deadline_ns.store(deadline_ns, ordering: .relaxed)
        (isFinishing, isUrgent) = (true, true)
        lock.signal()
    }

    /// What the server has stored so far.
    var delivered: SpoolState { lock.withLock { stored } }

    // MARK: The thread

    private func work() {
        let isDelivered = deliver()
        end(delivered: isDelivered)        // the courier's lock on the state is free by now: whoever waits may sync at once
    }

    /// - Returns: Whether everything has been delivered.
    private func deliver() -> Bool {
        let courier = makeCourier()
        var hurried = false
        while true {
            let (finishing, urgent, deadline) = lock.withLock { (isFinishing, isUrgent, deadline_ns) }
            if finishing && !hurried {
                courier?.hurry()
                hurried = true
            }
            let pause = courier?.turn(isUrgent: urgent, timeout: finishing ? remaining(deadline) : .seconds(60)) ?? .milliseconds(200)
            keepReady()
            if let courier { note(courier) }
            if finishing && (courier?.isDone ?? true) || monotonic_ns() >= deadline { break }
            if pause > .zero { lock.withLock { lock.wait(atMost: min(pause, .milliseconds(200), remaining(deadline_ns))) } }
        }
        return courier?.isDone ?? !plan.isOnline
    }

    private func makeCourier() -> Courier? {
        guard plan.isOnline else { return nil }
        let states: StateFile
        do {
            guard let file = try StateFile(path: spool.path(of: ".state")) else { return nil }
            states = file
        } catch {
            // No folder to write in: the state is kept in a file without a name.
            guard let file = try? StateFile(path: NSTemporaryDirectory() + "/track-\(spool.writer).state") else { return nil }
            unlink(NSTemporaryDirectory() + "/track-\(spool.writer).state")
            states = file
        }
        let client = HTTPClient(url: plan.url, key: plan.key, interruption: interruption)
        let courier = Courier(source: spool, manifest: plan.manifest, states: states, client: client)
        courier.onNotice = { [notices] in notices.say($0) }
        courier.onCreation = { [self] result in
            switch result {
            case .success(let response): settleCreation(.created(response))
            case .failure(let error): settleCreation(.refused(error))
            }
        }
        courier.onSilence = { [self] in settleCreation(.pending) }
        courier.report = { [collector] state in RunReport(collector, state, lag: .zero).json }
        return courier
    }

    private func remaining(_ deadline: Int64) -> Duration {
        deadline == .max ? .seconds(60) : .nanoseconds(max(1_000_000, min(deadline - monotonic_ns(), 60_000_000_000)))
    }

    private func keepReady() {
        if collector.wantsSpare { spool.prepareSpare(after: collector.segmentNumber) }
        if let note = spool.takeNote() { notices.say(note) }
    }

    private func note(_ courier: Courier) {
        let state = courier.state
        let wantsFlush = lock.withLock { () -> Bool in
            stored = state
            return !flushers.isEmpty
        }
        if wantsFlush && courier.isDrained { settleFlush(true) }
    }

    private func settleCreation(_ result: Creation) {
        let waiting = lock.withLock { () -> [CheckedContinuation<Creation, Never>] in
            if case .pending = result, creation != nil { return [] }
            if creation.map({ if case .pending = $0 { true } else { false } }) ?? true { creation = result }
            defer { creators = [] }
            return creators
        }
        for continuation in waiting { continuation.resume(returning: result) }
    }

    private func settleFlush(_ result: Bool) {
        let waiting = lock.withLock { () -> [CheckedContinuation<Bool, Never>] in
            defer { flushers = [] }
            if !isFinishing { isUrgent = false }
            return flushers
        }
        for continuation in waiting { continuation.resume(returning: result) }
    }

    private func end(delivered: Bool) {
        if delivered && plan.isOnline { spool.remove() }
        spool.leave()
        let waiting = lock.withLock { () -> [CheckedContinuation<Bool, Never>] in
            isOver = true
            lock.signal()
            defer { finishers = [] }
            return finishers
        }
        settleFlush(delivered)
        settleCreation(.pending)
        for continuation in waiting { continuation.resume(returning: delivered) }
    }
}

/// Signals are for the program's own threads; SIGPIPE of a broken connection must not end it.
func blockSignals() {
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
}

/// Says things to the user on the standard error stream, each once.
final class Notices: Sendable {
    private let said = Mutex<Set<String>>([])
    private let write: @Sendable (String) -> Void

    init(_ write: @escaping @Sendable (String) -> Void = { FileHandle.standardError.write(Data(("track: " + $0 + "\n").utf8)) }) {
        self.write = write
    }

    func say(_ text: String) {
        if said.withLock({ $0.count < 100 && $0.insert(text).inserted }) { write(text) }
    }
}
