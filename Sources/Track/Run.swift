import Foundation
public import Synchronization
public import TrackModel

/// One execution that logs. Usually there is one, and ``track`` forwards to it; make several with ``start(project:name:config:id:group:jobType:tags:notes:parent:resume:rank:mode:url:apiKey:settings:)``.
///
/// Logging never stops the program: no method below throws, waits for the network or ends the process. Rows that could not be kept
/// are counted in ``RunReport/droppedRows`` and explained once, on the standard error stream.
public final class Run: Sendable {
    /// The run's name for ever.
    public let id: RunID
    public let project: String
    /// Where it is sent; the run's page is `url/runs/ID`.
    public let url: String
    public let mode: Settings.Mode
    /// Numbers the batches of this process.
    public let writer: String
    @usableFromInline let collector: Collector
    @usableFromInline let passengers = Passengers()
    @usableFromInline let commands: CommandDesk
    /// The background thread; a child of `fork()` has one of its own.
    var sender: Sender { senders.withLock { currentSender } }
    private let senders = Lock()
    nonisolated(unsafe) private var currentSender: Sender       // guarded by `senders`
    let spool: SpoolWriter
    let notices: Notices
    let mediaCourier: MediaCourier
    let leads: Bool
    let settings: Settings
    let values = Mutex(RunValues())
    let lifetime = Mutex(Lifetime())

    /// What `config` and `summary` answer: what this process knows of them.
    struct RunValues {
        var config: JSONValue = .object([:])
        var summary: JSONValue = .object([:])
    }

    struct Lifetime {
        var isFinished = false
        var isHandedOver = false
        var report: RunReport?
    }

    init(_ plan: Sender.Plan, spool: SpoolWriter, settings: Settings, mode: Settings.Mode, notices: Notices) {
        id = plan.manifest.request.id!
        project = plan.manifest.request.project
        (url, self.mode, writer, leads) = (plan.url, mode, plan.manifest.writer, plan.manifest.leads)
        (self.spool, self.settings, self.notices) = (spool, settings, notices)
        collector = Collector(supply: spool)
        commands = CommandDesk(collector: collector)
        mediaCourier = MediaCourier(folder: spool.folder, settings: settings, url: plan.url, notices: notices)
        currentSender = Sender(spool: spool, collector: collector, plan: plan, notices: notices, commands: commands, onCreated: { Run.deliverLeftovers(settings) })
        if let config = plan.manifest.request.config { values.withLock { $0.config = config } }
        if mode == .disabled { collector.close() }
        ForkGuard.protect(self, [senders, collector.lock, passengers.lock, commands.lock, mediaCourier.lock] + spool.locks)
        spool.afterFork = { [weak self] spool, manifest in
            guard let self, mode != .disabled else { return }
            var plan = plan
            plan.manifest = manifest
            let sender = Sender(spool: spool, collector: collector, plan: plan, notices: notices)
            senders.withLock { self.currentSender = sender }
            sender.start()
        }
    }

    deinit { ForkGuard.unprotect(self) }

    // MARK: Rows

    /// Appends a row to the run's history and returns at once; it is sent, or spooled to disk, in the background.
    ///
    /// - Parameters:
    ///   - values: Metric names, as paths, to values of one type. NaN and infinity are kept: a diverging loss is data.
    ///   - step: In optimizer steps, in any order; `nil` means the next after the greatest so far.
    /// - Complexity: O(`values.count`); no I/O, no lock that is held for long.
    @inlinable
    public func log<Value: Loggable>(_ values: KeyValuePairs<String, Value>, step: Int? = nil) {
        append(count: values.count, step: step, fill: { names, numbers in
            for index in 0..<values.count {
                names[index] = RawName(values[index].key)
                numbers[index] = values[index].value.loggedValue
            }
        }, names: { values.map(\.key) })
    }

    /// Appends a row whose values are of different types.
    @inlinable @_disfavoredOverload
    public func log(_ values: KeyValuePairs<String, any Loggable>, step: Int? = nil) {
        append(count: values.count, step: step, fill: { names, numbers in
            for index in 0..<values.count {
                names[index] = RawName(values[index].key)
                numbers[index] = values[index].value.loggedValue
            }
        }, names: { values.map(\.key) })
    }

    /// Appends a row from a dictionary.
    @inlinable @_disfavoredOverload      // a literal is a list of pairs: nothing is hashed
    public func log<Value: Loggable>(_ values: [String: Value], step: Int? = nil) {
        append(count: values.count, step: step, fill: { names, numbers in
            var index = 0
            for (name, value) in values {
                names[index] = RawName(name)
                numbers[index] = value.loggedValue
                index &+= 1
            }
        }, names: { Array(values.keys) })
    }

    /// Appends a row from a dictionary whose values are of different types.
    @inlinable @_disfavoredOverload
    public func log<Values: Collection<(key: String, value: any Loggable)>>(_ values: Values, step: Int? = nil) {
        append(count: values.count, step: step, fill: { names, numbers in
            var index = 0
            for (name, value) in values {
                names[index] = RawName(name)
                numbers[index] = value.loggedValue
                index &+= 1
            }
        }, names: { values.map(\.key) })
    }

    /// Appends a row some of whose values may be missing: what is `nil` is left out.
    @_disfavoredOverload
    public func log(_ values: KeyValuePairs<String, (any Loggable)?>, step: Int? = nil) {
        log(Dictionary(values.compactMap { name, value in value.map { (name, $0.loggedValue) } }) { _, last in last }, step: step)
    }

    /// Appends a row from a dictionary some of whose values may be missing.
    @_disfavoredOverload
    public func log<Value: Loggable, Values: Collection<(key: String, value: Value?)>>(_ values: Values, step: Int? = nil) {
        log(Dictionary(values.compactMap { name, value in value.map { (name, $0.loggedValue) } }) { _, last in last }, step: step)
    }

    /// Appends a row of groups: `["train": ["loss": 0.5]]` is `["train/loss": 0.5]`.
    public func log<Value: Loggable>(_ groups: [String: [String: Value]], step: Int? = nil) {
        var flat: [String: Double] = [:]
        for (group, values) in groups {
            for (name, value) in values { flat[group + "/" + name] = value.loggedValue }
        }
        log(flat, step: step)
    }

    @inlinable @inline(__always)
    func append(
        count: Int, step: Int?, fill: (UnsafeMutablePointer<RawName>, UnsafeMutablePointer<Double>) -> Void, names: () -> [String]
    ) {
        if count == 0 { return }
        if passengers.areWaiting.load(ordering: .relaxed) { return appendWithPassengers(count: count, step: step, fill: fill, names: names) }
        withUnsafeTemporaryAllocation(of: RawName.self, capacity: count) { raw in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { numbers in
                fill(raw.baseAddress!, numbers.baseAddress!)
                collector.append(raw.baseAddress!, numbers.baseAddress!, count: count, step: step.map(Int64.init), time: nil, names: names)
            }
        }
    }

    /// The same with the values that wait for a row. Now and then: it may allocate.
    @usableFromInline
    func appendWithPassengers(
        count: Int, step: Int?, fill: (UnsafeMutablePointer<RawName>, UnsafeMutablePointer<Double>) -> Void, names: () -> [String]
    ) {
        let others = passengers.board(), all = count + others.count
        withUnsafeTemporaryAllocation(of: RawName.self, capacity: all) { raw in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: all) { numbers in
                fill(raw.baseAddress!, numbers.baseAddress!)
                for (index, other) in others.enumerated() {
                    raw[count + index] = RawName(other.name)
                    numbers[count + index] = other.value
                }
                collector.append(
                    raw.baseAddress!, numbers.baseAddress!, count: all, step: step.map(Int64.init), time: nil, names: { names() + others.map(\.name) })
            }
        }
    }
}
