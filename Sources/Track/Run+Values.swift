import Foundation
public import TrackModel

/// What stands beside the rows.
extension Run {
    /// What was chosen before the run; late changes are sent, and kept as versions. `run.config["lr"] = 3e-4`, `run.config.lr`.
    public var config: RunValueView { RunValueView(run: self, isSummary: false) }

    /// Explicit summary values; they win over what the server derives. `run.summary["best"] = 0.98`.
    public var summary: RunValueView { RunValueView(run: self, isSummary: true) }

    /// Appends the distribution of `values` as a histogram.
    ///
    /// - Parameters:
    ///   - values: In any order; NaN are counted apart, infinities fall into the outermost bins.
    ///   - name: A path: `weights/layers.0.weight`.
    ///   - bins: 1 … 512 bins of equal width between the least and the greatest finite value.
    /// - Complexity: O(`values.count`), on the caller's thread.
    public func log<Value: BinaryFloatingPoint>(histogram values: some Sequence<Value>, name: String, step: Int? = nil, bins: Int = 64) {
        guard mode != .disabled else { return }
        log(HistogramRecord(of: values, name: name, step: chosen(step), time: wallClock_us(), bins: bins))
    }

    /// Appends a histogram that was counted elsewhere.
    public func log(_ histogram: HistogramRecord) {
        guard histogram.edges.count == histogram.counts.count + 1, histogram.counts.count <= 512 else {
            return notices.say("Histogram \"\(histogram.name)\" has \(histogram.edges.count) edges and \(histogram.counts.count) counts; "
                + "n + 1 edges with n counts are needed, 512 at most. It is not kept.")
        }
        collector.append(kind: SpoolFormat.Kind.histogram, payload: histogram.spooled())
    }

    /// Says what a metric means: which way is better, what the summary keeps, and which metric is its x axis.
    /// - Parameter metric: A name, or a glob: `val/*`.
    public func define(
        _ metric: String, goal: MetricDefinition.Goal? = nil, summary: MetricDefinition.Summary? = nil, step: String? = nil
    ) {
        append(BatchExtras(definitions: [MetricDefinition(metric: metric, goal: goal, summary: summary, step: step)]))
    }

    /// Marks a step: a change of the learning rate, a restart, a checkpoint, a note.
    public func event(_ kind: String, title: String, text: String? = nil, step: Int? = nil) {
        append(BatchExtras(events: [RunEvent(step: step.map(Int64.init), time: wallClock_us(), kind: kind, title: title, text: text)]))
    }

    /// How much an alert matters.
    public enum AlertLevel: String, Sendable, CaseIterable { case info, warning, error }

    /// Tells people that something needs their attention.
    public func alert(_ title: String, text: String? = nil, level: AlertLevel = .warning, step: Int? = nil) {
        append(BatchExtras(events: [
            RunEvent(step: step.map(Int64.init), time: wallClock_us(), kind: "alert", title: title, text: text, level: level.rawValue),
        ]))
    }

    /// Appends a line to the run's log.
    /// - Parameter stream: `stdout`, `stderr`, or a name of the program's own.
    public func log(line text: String, stream: String = "log") {
        append(BatchExtras(logs: [LogLine(time: wallClock_us(), stream: stream, text: text)]))
    }

    func append(_ extras: BatchExtras) {
        guard mode != .disabled else { return }
        collector.append(kind: SpoolFormat.Kind.extras, payload: encode(extras))
    }

    /// The step given, or that of the row logged last.
    func chosen(_ step: Int?) -> Int64 { step.map(Int64.init) ?? max(0, collector.upcomingStep - 1) }
}

/// The config or the summary of a run, by key: `run.config["lr"] = 3e-4`, `run.config.lr = 3e-4`.
@dynamicMemberLookup
public struct RunValueView: Sendable {
    let run: Run
    let isSummary: Bool

    /// The value under a key, dotted for nested ones; `nil` if there is none, or of another type. Setting it sends the change.
    public subscript<Value: ConfigValue>(key: String) -> Value? {
        get {
            var value: JSONValue? = all
            for part in key.split(separator: ".") { value = value?[String(part)] }
            return value.flatMap(Value.init(jsonValue:))
        }
        nonmutating set { update(nested(key.split(separator: ".").map(String.init), newValue?.jsonValue ?? .null)) }
    }

    public subscript<Value: ConfigValue>(dynamicMember key: String) -> Value? {
        get { self[key] }
        nonmutating set { self[key] = newValue }
    }

    /// Everything that this process knows of it.
    public var all: JSONValue { run.values.withLock { isSummary ? $0.summary : $0.config } }

    /// Merges several values at once, key by key.
    public func update(_ values: [String: any ConfigValue]) { update(.object(values.mapValues(\.jsonValue))) }

    private func update(_ change: JSONValue) {
        run.values.withLock { values in
            if isSummary { values.summary = values.summary.merging(change) } else { values.config = values.config.merging(change) }
        }
        run.append(isSummary ? BatchExtras(summary: change) : BatchExtras(config: change))
    }

    private func nested(_ path: [String], _ value: JSONValue) -> JSONValue {
        path.reversed().reduce(value) { .object([$1: $0]) }
    }
}
