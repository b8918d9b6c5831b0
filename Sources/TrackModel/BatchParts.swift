/// What a metric means: which way is better, what to keep of it, and what it is drawn over.
public struct MetricDefinition: Sendable, Equatable, Codable {
    public enum Goal: String, Sendable, Codable { case minimize, maximize }
    public enum Summary: String, Sendable, Codable, CaseIterable { case last, min, max, mean, none }

    /// A name or a glob: `val/*`.
    public var metric: String
    public var goal: Goal?
    public var summary: Summary?
    /// The metric that serves as x axis.
    public var step: String?

    public init(metric: String, goal: Goal? = nil, summary: Summary? = nil, step: String? = nil) {
        (self.metric, self.goal, self.summary, self.step) = (metric, goal, summary, step)
    }
}

/// A distribution at one step: *n* + 1 ascending edges with *n* counts, at most 512 of them.
public struct HistogramRecord: Sendable, Equatable, Codable {
    public var name: String
    public var step: Int64
    /// Microseconds since 1970.
    public var time: Int64
    public var edges: [Double]
    public var counts: [UInt64]
    /// Of the finite values; 0 when there are none.
    public var min: Double
    public var max: Double
    public var sum: Double
    /// How many values, NaN not counted.
    public var count: UInt64
    public var nan: UInt64

    public init(
        name: String, step: Int64, time: Int64, edges: [Double], counts: [UInt64],
        min: Double, max: Double, sum: Double, count: UInt64, nan: UInt64 = 0
    ) {
        (self.name, self.step, self.time, self.edges, self.counts) = (name, step, time, edges, counts)
        (self.min, self.max, self.sum, self.count, self.nan) = (min, max, sum, count, nan)
    }
}

/// One line of what a program printed.
public struct LogLine: Sendable, Equatable, Codable {
    /// Microseconds since 1970.
    public var time: Int64
    /// `stdout`, `stderr`, or a name of the program's own.
    public var stream: String
    public var text: String

    public init(time: Int64, stream: String, text: String) { (self.time, self.stream, self.text) = (time, stream, text) }
}

/// A mark at a step: a learning-rate change, a restart, a checkpoint, an alert, a note.
public struct RunEvent: Sendable, Equatable, Codable {
    public var step: Int64?
    /// Microseconds since 1970.
    public var time: Int64
    /// `checkpoint`, `restart`, `alert`, `note`, or a word of the program's own.
    public var kind: String
    public var title: String
    public var text: String?
    /// `info`, `warning` or `error`; `nil` means `info`.
    public var level: String?

    public init(step: Int64? = nil, time: Int64, kind: String, title: String, text: String? = nil, level: String? = nil) {
        (self.step, self.time, self.kind, self.title, self.text, self.level) = (step, time, kind, title, text, level)
    }
}

/// A stored file that belongs to a step of a run; the file itself is a blob, named by its digest.
public struct MediaReference: Sendable, Equatable, Codable {
    public var name: String
    public var step: Int64
    public var time: Int64
    /// `image`, `text`, `table`, `audio`, `video`, `file`.
    public var kind: String
    /// SHA-256 of the file, 64 hexadecimal digits.
    public var digest: String
    public var size: Int64
    public var contentType: String
    public var caption: String?

    public init(
        name: String, step: Int64, time: Int64, kind: String, digest: String, size: Int64, contentType: String, caption: String? = nil
    ) {
        (self.name, self.step, self.time, self.kind) = (name, step, time, kind)
        (self.digest, self.size, self.contentType, self.caption) = (digest, size, contentType, caption)
    }
}
