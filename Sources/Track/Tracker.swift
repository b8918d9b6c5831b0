public import Synchronization
public import TrackModel

/// Forwards to the current run, the one that was started last: `track.log(["loss": loss])`.
///
/// ```swift
/// try await track.start(project: "mnist", config: ["lr": 3e-4, "batchSize": 64])
/// for step in 0..<1_000 { track.log(["loss/train": trainStep()], step: step) }
/// await track.finish()
/// ```
public let track = Tracker()

/// The type of ``track``. Without a run, logging does nothing, so that code with `track.log` in it also works untracked.
public final class Tracker: Sendable {
    /// The current run; runs that were current are kept, so that a call under way never meets a freed one.
    private let kept = Mutex<[Run]>([])
    @usableFromInline let address = Atomic<UInt>(0)

    init() {}

    /// The current run, or `nil` before the first `start`.
    @inlinable
    public var run: Run? {
        guard let address = UnsafeRawPointer(bitPattern: address.load(ordering: .acquiring)) else { return nil }
        return Unmanaged<Run>.fromOpaque(address).takeUnretainedValue()
    }

    /// Starts a run and makes it the current one.
    ///
    /// A server that is down delays nothing: after two seconds at most the run starts, rows wait in the spool, and the run is created when the server
    /// comes.
    /// - Parameters:
    ///   - project: The group of runs it belongs to; made if it is new.
    ///   - name: Shown in lists; `nil` lets the server choose two words and a number.
    ///   - config: What was chosen before the run: numbers, words, Booleans, arrays, dictionaries.
    ///   - id: 8 characters of `a-z2-7`; `nil` makes a new one.
    ///   - group: Runs with the same group are drawn together.
    ///   - parent: The run that this one was forked from.
    ///   - resume: Whether a run with this id may exist already.
    ///   - rank: Of several processes that log into one run, which this is; all give the same `id`, and rank 0 finishes the run.
    ///   - mode: `online`, `offline`, or `disabled`.
    ///   - settings: Everything else; `nil` reads `config.toml` and the environment.
    /// - Throws: ``TrackError`` for a name, an address or a setting that cannot be, and when the server refuses the run, as with an id
    ///   that exists under `resume: .never`. Never because the server cannot be reached or refuses the key.
    @discardableResult
    public func start(
        project: String, name: String? = nil, config: [String: any ConfigValue] = [:], id: String? = nil, group: String? = nil,
        jobType: String? = nil, tags: [String] = [], notes: String? = nil, parent: String? = nil, resume: Resume = .never,
        rank: Int? = nil, mode: Settings.Mode? = nil, url: String? = nil, apiKey: String? = nil, settings: Settings? = nil
    ) async throws -> Run {
        let run = try await Run.start(
            project: project, name: name, config: config, id: id, group: group, jobType: jobType, tags: tags, notes: notes, parent: parent,
            resume: resume, rank: rank, mode: mode, url: url, apiKey: apiKey, settings: settings)
        setCurrent(run)
        return run
    }

    /// Makes a run that was started with `Run.start` the current one.
    public func setCurrent(_ run: Run) {
        kept.withLock { $0.append(run) }
        address.store(UInt(bitPattern: Unmanaged.passUnretained(run).toOpaque()), ordering: .releasing)
    }

    /// Ends the current run; see ``Run/finish(_:exitCode:deadline:)``. `nil` without a run.
    @discardableResult
    public func finish(_ state: RunState = .finished, exitCode: Int? = nil, deadline: Duration = .seconds(30)) async -> RunReport? {
        await run?.finish(state, exitCode: exitCode, deadline: deadline)
    }

    /// Delivers what was logged so far; see ``Run/flush(deadline:)``.
    @discardableResult
    public func flush(deadline: Duration = .seconds(30)) async -> Bool { await run?.flush(deadline: deadline) ?? true }

    // MARK: Rows

    /// Appends a row to the current run; see ``Run/log(_:step:)``.
    @inlinable
    public func log<Value: Loggable>(_ values: KeyValuePairs<String, Value>, step: Int? = nil) { run?.log(values, step: step) }

    @inlinable @_disfavoredOverload
    public func log(_ values: KeyValuePairs<String, any Loggable>, step: Int? = nil) { run?.log(values, step: step) }

    @inlinable @_disfavoredOverload      // a literal is a list of pairs: nothing is hashed
    public func log<Value: Loggable>(_ values: [String: Value], step: Int? = nil) { run?.log(values, step: step) }

    @inlinable @_disfavoredOverload
    public func log<Values: Collection<(key: String, value: any Loggable)>>(_ values: Values, step: Int? = nil) { run?.log(values, step: step) }

    /// What is `nil` is left out.
    @_disfavoredOverload
    public func log(_ values: KeyValuePairs<String, (any Loggable)?>, step: Int? = nil) { run?.log(values, step: step) }

    @_disfavoredOverload
    public func log<Value: Loggable, Values: Collection<(key: String, value: Value?)>>(_ values: Values, step: Int? = nil) { run?.log(values, step: step) }

    public func log<Value: Loggable>(_ groups: [String: [String: Value]], step: Int? = nil) { run?.log(groups, step: step) }
}

/// What stands beside the rows of the current run.
extension Tracker {
    /// The current run's config; without a run, reads give `nil` and writes do nothing.
    public var config: CurrentValueView { CurrentValueView(view: run?.config) }
    /// The current run's explicit summary.
    public var summary: CurrentValueView { CurrentValueView(view: run?.summary) }

    /// See ``Run/log(histogram:name:step:bins:)``.
    public func log<Value: BinaryFloatingPoint>(histogram values: some Sequence<Value>, name: String, step: Int? = nil, bins: Int = 64) {
        run?.log(histogram: values, name: name, step: step, bins: bins)
    }

    public func log(_ histogram: HistogramRecord) { run?.log(histogram) }

    /// See ``Run/log(line:stream:)``.
    public func log(line text: String, stream: String = "log") { run?.log(line: text, stream: stream) }

    /// See ``Run/define(_:goal:summary:step:)``.
    public func define(_ metric: String, goal: MetricDefinition.Goal? = nil, summary: MetricDefinition.Summary? = nil, step: String? = nil) {
        run?.define(metric, goal: goal, summary: summary, step: step)
    }

    /// See ``Run/event(_:title:text:step:)``.
    public func event(_ kind: String, title: String, text: String? = nil, step: Int? = nil) {
        run?.event(kind, title: title, text: text, step: step)
    }

    /// See ``Run/alert(_:text:level:step:)``.
    public func alert(_ title: String, text: String? = nil, level: Run.AlertLevel = .warning, step: Int? = nil) {
        run?.alert(title, text: text, level: level, step: step)
    }
}

/// ``RunValueView`` of whichever run is current, or of none.
@dynamicMemberLookup
public struct CurrentValueView: Sendable {
    let view: RunValueView?

    public subscript<Value: ConfigValue>(key: String) -> Value? {
        get { view?[key] }
        nonmutating set { view?[key] = newValue }
    }

    public subscript<Value: ConfigValue>(dynamicMember key: String) -> Value? {
        get { self[key] }
        nonmutating set { self[key] = newValue }
    }

    /// Merges several values at once, key by key.
    public func update(_ values: [String: any ConfigValue]) { view?.update(values) }
}
