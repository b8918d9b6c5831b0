#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import Synchronization

/// One thread that waits for sockets and runs the handlers of their requests.
///
/// It is a task executor: a handler that never suspends, or waits only for other handlers' work, finishes on this thread
/// without a switch, which is what makes small requests cheap. A handler must therefore not block.
///
/// `@unchecked Sendable`: everything but `inbox` is touched by the loop's thread only.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var actions: [@Sendable () -> Void] = []
        /// The loop looks here before it sleeps: whoever leaves something need not wake it.
        var isAwake = true
        var isEmpty: Bool { jobs.isEmpty && actions.isEmpty }

        /// Forgets everything but its memory.
        mutating func clear() {
            jobs.removeAll(keepingCapacity: true)
            actions.removeAll(keepingCapacity: true)
        }
    }

    /// Responses that wait for each other before they are sent: sent one by one, each would wake its client, which costs more
    /// than the response; sent together, clients are awake from the first to the last.
    private static let repliesInOneTurn = 32
    /// Nanoseconds that a response waits at most for others, so that a slow handler does not hold up the clients before it.
    private static let patience: Int64 = 300_000
    /// Looks at the inbox in a row: some two microseconds, about as long as a turn.
    private static let looks = 2_000

    let poller: SystemPoller
    private(set) var now: Int64 = monotonicNanoseconds()
    var timers = TimerWheel(now: monotonicNanoseconds())
    var wakefulness = Wakefulness()
    /// Read buffer shared by all connections: an idle connection owns none.
    let scratch = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 64 * 1024)
    /// Connections by descriptor.
    private var sources: [(any EventSource)?] = []
    private var generation: UInt32 = 0
    private var jobs: [UnownedJob] = []
    private var dirty: [Connection] = []
    private var dirtySince: Int64 = 0
    private var again: [any EventSource] = []
    private var fired: [Int32] = []
    private var taken = Inbox()
    private var spareBuffers: [OutputBuffer] = []
    var spareBodies = SpareBodies()
    private var thread: pthread_t?
    private var isStopping = false
    private let inbox = Mutex(Inbox())
    /// Something lies in `inbox`, for a look without the lock.
    private let hasMail = Atomic(false)
    var dateField = DateField()

    init() throws(SocketError) { poller = try SystemPoller() }

    deinit { scratch.deallocate() }

    var isCurrent: Bool { thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }

    // MARK: Work from elsewhere

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent { return jobs.append(job) }
        wakeIfNeeded { $0.jobs.append(job) }
    }

    /// Runs `action` on the loop's thread: at once if this is it, else soon.
    public func perform(_ action: @escaping @Sendable () -> Void) {
        if isCurrent { return action() }
        wakeIfNeeded { $0.actions.append(action) }
    }

    private func wakeIfNeeded(_ change: (inout Inbox) -> Void) {
        let mustWake = inbox.withLock { inbox in
            change(&inbox)
            hasMail.store(true, ordering: .releasing)
            defer { inbox.isAwake = true }
            return !inbox.isAwake
        }
        if mustWake { poller.wakeUp() }
    }

    // MARK: Thread

    /// Starts the thread and returns once it runs.
    func start(name: String) {
        let started = DispatchlessSemaphore()
        var loopThread = pthread_t.placeholder
        let box = Unmanaged.passRetained(ThreadStart { [self] in
            thread = pthread_self()
            blockSignals()
            started.signal()
            run()
        })
        let result = pthread_create(&loopThread, nil, { argument in
            let start = Unmanaged<ThreadStart>.fromOpaque(argument.nonOptional).takeRetainedValue()
            start.body()
            return nil
        }, box.toOpaque())
        precondition(result == 0, "pthread_create: \(String(cString: strerror(result)))")
        pthread_detach(loopThread)
        started.wait()
    }

    /// Ends the thread after the present turn; what is still open must have been closed.
    func stop(then done: @escaping @Sendable () -> Void) {
        perform { [self] in
            isStopping = true
            whenStopped = done
        }
    }
    private var whenStopped: (@Sendable () -> Void)?

    private func run() {
        while !isStopping || !jobs.isEmpty {
            let hasWork = !jobs.isEmpty || !again.isEmpty || isStopping, isAwake = wakefulness.isAwake(at: now)
            if isAwake, !hasWork { lookOut() }
            poller.wait(milliseconds: hasWork || isAwake || !maySleep() ? 0 : millisecondsToNext) { [self] event in
                now = monotonicNanoseconds()
                if !dirty.isEmpty, dirty.count >= Self.repliesInOneTurn || now - dirtySince >= Self.patience { flushDirty() }
                dispatch(event)
                runJobs()
            }
            now = monotonicNanoseconds()
            takeInbox()
            goOn()
            fireTimers()
            runJobs()
            flushDirty()
        }
        thread = nil
        whenStopped?()
        whenStopped = nil
    }

    /// Lets others have the core. An answer that comes soon is looked out for between two turns, each of which would hear of it late.
    private func lookOut() {
        sched_yield()
        guard wakefulness.awaitsAnswer else { return }
        for _ in 0..<Self.looks where hasMail.load(ordering: .acquiring) { return }
    }

    private var millisecondsToNext: Int32 {
        let next = timers.millisecondsToNext(now)
        if spareBodies.isEmpty { return next }
        let expiry = Int32(SpareBodies.lifetime / 1_000_000)
        return next < 0 ? expiry : min(next, expiry)
    }

    private func dispatch(_ event: PollEvent) {
        let descriptor = Int(UInt32(truncatingIfNeeded: event.token))
        // The generation tells an event of a closed connection from one of its descriptor's next user.
        guard descriptor < sources.count, let source = sources[descriptor],
              source.generation == UInt32(truncatingIfNeeded: event.token >> 32) else { return }
        source.handle(event)
    }

    /// Runs what is ready; jobs that make jobs for ever must not starve the sockets.
    private func runJobs() {
        var ran = 0
        while ran < jobs.count, ran < 4096 {
            let job = jobs[ran]
            ran += 1
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
        if ran == jobs.count { jobs.removeAll(keepingCapacity: true) } else { jobs.removeFirst(ran) }
    }

    /// Whether nothing has been left for the loop; from now on whoever leaves something wakes it.
    private func maySleep() -> Bool {
        inbox.withLock { inbox in
            inbox.isAwake = !inbox.isEmpty
            return inbox.isEmpty
        }
    }

    private func takeInbox() {
        inbox.withLock { inbox in
            inbox.isAwake = true
            hasMail.store(false, ordering: .relaxed)
            if !inbox.isEmpty { swap(&inbox, &taken) }
        }
        if taken.isEmpty { return }
        jobs += taken.jobs
        for action in taken.actions { action() }
        taken.clear()
    }

    private func goOn() {
        guard !again.isEmpty else { return }
        let sources = again
        again.removeAll(keepingCapacity: true)
        for source in sources {
            source.continueWork()
            runJobs()
            flushDirty()
        }
    }

    private func fireTimers() {
        timers.due(now, into: &fired)
        for descriptor in fired { sources[Int(descriptor)]?.timeReached(now) }
        fired.removeAll(keepingCapacity: true)
        spareBodies.expire(now: now)
    }

    private func flushDirty() {
        var index = 0
        while index < dirty.count {
            dirty[index].flush()
            index += 1
        }
        dirty.removeAll(keepingCapacity: true)
    }

    // MARK: For connections

    /// Watches a source; returns the generation that its events carry.
    func register(_ source: any EventSource) throws(SocketError) {
        let descriptor = source.descriptor
        generation &+= 1
        source.generation = generation
        while sources.count <= Int(descriptor) { sources.append(nil) }
        sources[Int(descriptor)] = source
        try poller.add(descriptor, token: UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor)))
    }

    func forget(_ descriptor: Int32) {
        timers.remove(descriptor)
        sources[Int(descriptor)] = nil
    }

    /// The connection has output to be sent at the end of this step.
    func markDirty(_ connection: Connection) {
        if dirty.isEmpty { dirtySince = now }
        dirty.append(connection)
    }

    /// An answer is about to be sent.
    func answered() {
        now = monotonicNanoseconds()        // whoever answers at once has waited for something
        wakefulness.answered(at: now)
    }

    /// The source has work that was left for the sake of the others.
    func continueLater(_ source: any EventSource) { again.append(source) }

    var allConnections: [Connection] { sources.compactMap { $0 as? Connection } }

    func borrowBuffer() -> OutputBuffer { spareBuffers.popLast() ?? OutputBuffer() }

    func giveBack(_ buffer: OutputBuffer) {
        guard buffer.capacity <= 64 * 1024, spareBuffers.count < 64 else { return }
        spareBuffers.append(buffer)
    }
}

/// Something with a descriptor that a loop watches.
protocol EventSource: AnyObject {
    var descriptor: Int32 { get }
    var generation: UInt32 { get set }
    func handle(_ event: PollEvent)
    func timeReached(_ now: Int64)
    /// Goes on with what was left for the sake of the others; called once for each ``EventLoop/continueLater(_:)``.
    func continueWork()
}
