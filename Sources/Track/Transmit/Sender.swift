import Foundation
import TrackModel

/// The background thread of one run: keeps the next segment ready and carries the spool to the server.
final class Sender: @unchecked Sendable {       // `lock` guards all variables; the courier belongs to the thread
    private let lock: Lock
    private let spool: SpoolWriter
    private let collector: Collector
    private let plan: Plan
    private let interruption = HTTPClient.Interruption()
    private var isFinishing = false
    private var finishStarted_ns: Int64 = 0
    private var isUrgent = false
    private var deadline_ns: Int64 = .max
    /// Whether everything was delivered; `nil` while the thread runs.
    private var outcome: Bool?
    private var creation: Creation?
    private var stored = SpoolState()
    /// Flushes are numbered: how many were asked for, wait, and were found to have nothing left to send.
    private var flushes = (asked: 0, waiting: 0, settled: 0)
    /// Called once, on the thread, when the server has created the run.
    let onCreated: (@Sendable () -> Void)?
    let notices: Notices
    /// `nil` in a child of `fork()`: the program that listens is its parent.
    private let commands: CommandDesk?

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

    init(
        spool: SpoolWriter, collector: Collector, plan: Plan, notices: Notices, commands: CommandDesk? = nil, onCreated: (@Sendable () -> Void)? = nil
    ) {
        (self.spool, self.collector, self.plan, self.notices, self.commands, self.onCreated) = (spool, collector, plan, notices, commands, onCreated)
        lock = spool.wake
    }

    func start() { inBackground("track") { [self] in work() } }

    // MARK: Asked by the run

    /// Waits for the server's answer to the creation, `limit` at most.
    func creation(within limit: Duration) async -> Creation {
        await onThread("track-start") { [self] in
            let ends = monotonic_ns(after: limit)
            return lock.withLock {
                while creation == nil, outcome == nil, monotonic_ns() < ends { lock.wait(atMost: .milliseconds(50)) }
                return creation ?? .pending
            }
        }
    }

    /// Delivers what was logged so far; `false` if the deadline came first.
    func flush(within limit: Duration) async -> Bool {
        let target = collector.position
        return await onThread("track-flush") { [self] in lock.withLock { waitUntilStored(target, until: monotonic_ns(after: limit)) } }
    }

    /// With the lock held.
    private func waitUntilStored(_ target: SpoolPosition?, until deadline: Int64) -> Bool {
        guard plan.isOnline else { return true }
        flushes.asked += 1
        flushes.waiting += 1
        isUrgent = true
        lock.signal()
        let number = flushes.asked
        var isStored: Bool { target.map { $0 <= stored.acknowledged } ?? true || flushes.settled >= number || outcome == true }
        while !isStored, outcome == nil, monotonic_ns() < deadline { lock.wait(atMost: .milliseconds(50)) }
        flushes.waiting -= 1
        if flushes.waiting == 0 && !isFinishing { isUrgent = false }
        return isStored
    }

    /// Delivers everything and ends the thread; `false` if the deadline came first.
    func finish(within limit: Duration) async -> Bool { await onThread("track-finish") { [self] in finishBlocking(within: limit) } }

    /// Waits on this thread until the run is over; for signals and the end of the process.
    /// - Returns: Whether everything was delivered.
    func finishBlocking(within limit: Duration) -> Bool {
        lock.withLock {
            beginFinish(limit)
            // The thread itself keeps the deadline; should it hang in the system, nobody waits for it.
            while outcome == nil && monotonic_ns() - 1_000_000_000 < deadline_ns { lock.wait(atMost: .milliseconds(50)) }
            return outcome == true
        }
    }

    private func beginFinish(_ limit: Duration) {
        if !isFinishing { finishStarted_ns = monotonic_ns() }
        deadline_ns = min(deadline_ns, monotonic_ns(after: limit))
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
        var courier: Courier?, hurried = false, nextCare: Int64 = 0
        while true {
            let (finishing, asked, urgent, deadline) = lock.withLock { (isFinishing, flushes.asked, isUrgent, deadline_ns) }
            if monotonic_ns() >= nextCare {
                nextCare = monotonic_ns() + 1_000_000_000
                if courier == nil { courier = makeCourier() }
                careForSpool(courier)
            }
            if finishing && !hurried, let courier {
                courier.hurry()
                hurried = true
            }
            let pause = courier?.turn(isUrgent: urgent, timeout: finishing ? remaining(deadline) : .seconds(60)) ?? .milliseconds(200)
            keepReady()
            if let courier { note(courier) }
            if finishing && isOver(courier, hurried) || monotonic_ns() >= deadline { break }
            if pause > .zero { rest(pause, unless: finishing, asked) }
        }
        return courier?.isDone ?? !plan.isOnline
    }

    /// Waits for the next thing to do, unless somebody has asked for the delivery since the last look: that signal came when nobody waited.
    private func rest(_ pause: Duration, unless finishing: Bool, _ asked: Int) {
        lock.withLock {
            guard isFinishing == finishing, flushes.asked == asked else { return }
            lock.wait(atMost: min(pause, .milliseconds(200), remaining(deadline_ns)))
        }
    }

    /// Whether waiting for the end is of no more use: all is done, or somebody has to change something first.
    private func isOver(_ courier: Courier?, _ hurried: Bool) -> Bool {
        guard let courier else { return !plan.isOnline }
        return courier.isDone || hurried && courier.isParked
    }

    private func makeCourier() -> Courier? {
        guard plan.isOnline else { return nil }
        var states = StateFile()
        if spool.isPrepared {       // rows are on disk, so the state must be there, too; another process may hold it for a moment
            do {
                guard let file = try StateFile(path: spool.path(of: ".state")) else { return nil }
                states = file
            } catch {
                notices.say("\(error)")
                return nil
            }
        }
        let client = HTTPClient(url: plan.url, key: plan.key, interruption: interruption)
        let courier = Courier(source: spool, manifest: plan.manifest, states: states, client: client)
        courier.commands = commands
        courier.onNotice = { [self] in hear($0) }
        courier.onCreation = { [self] in created($0) }
        courier.onSilence = { [self] in settleCreation(.pending) }
        courier.onStored = { [self] in noteStored($0) }
        courier.report = { [self] in
            let started = lock.withLock { finishStarted_ns }
            return RunReport(collector, $0, lag: .nanoseconds(started == 0 ? 0 : monotonic_ns() - started)).json
        }
        return courier
    }

    private func created(_ result: Result<CreateRunResponse, ErrorResponse>) {
        switch result {
        case .success(let response):
            settleCreation(.created(response))
            onCreated?()
        case .failure(let error): settleCreation(.refused(error))
        }
    }

    /// Tells the user, unless `start` is about to throw the same.
    private func hear(_ notice: Delivery.Notice) {
        let isThrown = notice.kind == "creation" && lock.withLock { if case .refused? = creation { true } else { false } }
        if !isThrown { notices.say(notice.text) }
    }

    private func remaining(_ deadline: Int64) -> Duration {
        deadline == .max ? .seconds(60) : .nanoseconds(max(1_000_000, min(deadline - monotonic_ns(), 60_000_000_000)))
    }

    private func keepReady() {
        if collector.wantsSpare { spool.prepareSpare(after: collector.segmentNumber) }
        if let note = spool.takeNote() { notices.say(note.text, as: note.kind) }
    }

    /// Where the disk took nothing, it is tried again each second; what waits in memory goes there when it can.
    private func careForSpool(_ courier: Courier?) {
        if !spool.isPrepared {
            do { try spool.prepare { [spool] in try courier?.keepState(in: spool.path(of: ".state")) } } catch { sayInMemory(error) }
        }
        spool.persist(before: collector.segmentNumber)
    }

    private func sayInMemory(_ error: any Error) {
        let note = SpoolWriter.inMemory(error)
        notices.say(note.text, as: note.kind)
    }

    /// Tells those who wait what is stored; and, if nothing is left, that their rows are among it, whatever became of them.
    private func note(_ courier: Courier) {
        let asked = noteStored(courier.state)
        guard asked > 0, courier.isDrained else { return }
        lock.withLock {
            flushes.settled = asked
            lock.signal()
        }
    }

    /// - Returns: The number of the last flush that waits; 0 if none does.
    @discardableResult
    private func noteStored(_ state: SpoolState) -> Int {
        lock.withLock {
            stored = state
            lock.signal()
            return flushes.waiting > 0 ? flushes.asked : 0
        }
    }

    /// The first answer stays, unless there was none yet.
    private func settleCreation(_ result: Creation) {
        lock.withLock {
            if case .pending? = creation { creation = nil }
            creation = creation ?? result
            lock.signal()
        }
    }

    private func end(delivered: Bool) {
        if delivered && plan.isOnline { spool.remove() } else { saveMemory() }
        spool.leave()
        lock.withLock {
            outcome = delivered
            lock.signal()
        }
    }

    /// What waits in memory goes to disk if it can; else it is lost, and counted.
    private func saveMemory() {
        collector.close()
        spool.persist(before: .max)
        let held = spool.inMemory
        guard !held.isEmpty else { return }
        var lost = 0
        for number in held {
            let rows = rows(in: number)
            collector.lose(rows: rows, in: number)
            lost += rows
        }
        if lost == 0 { return }
        notices.say("\(lost) rows waited in memory, because the disk took none, and could not be delivered: they are lost. The report counts them.")
    }

    /// Rows of one segment that the server does not have.
    private func rows(in number: UInt32) -> Int {
        guard let segment = spool.reading(number) else { return 0 }
        let acknowledged = delivered.acknowledged
        var cursor = SpoolCursor(segment), rows = 0
        while true {
            let place = cursor.position
            guard case .record(let record) = cursor.next() else { return rows }
            if case .row = record, place >= acknowledged { rows += 1 }
        }
    }
}
