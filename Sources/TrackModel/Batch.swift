/// What one writer sends at once: rows in columns, and the less frequent things beside them.
///
/// A batch is identified by (run, ``writer``, ``sequence``): the server keeps each exactly once.
public struct Batch: Sendable, Equatable {
    /// Which process of the run speaks, counted from 1; a resumed run gets the next.
    public var attempt: Int
    /// Who numbers the batches: 1 … 64 bytes, unique among the run's writers.
    public var writer: String
    /// 1, 2, 3 … for each writer.
    public var sequence: UInt64
    /// One for each row, in optimizer steps, in any order.
    public var steps: [Int64]
    /// One for each row, microseconds since 1970.
    public var times: [Int64]
    public var columns: [Column]
    public var extras: BatchExtras

    public init(
        attempt: Int = 1, writer: String, sequence: UInt64, steps: [Int64] = [], times: [Int64] = [],
        columns: [Column] = [], extras: BatchExtras = BatchExtras()
    ) {
        (self.attempt, self.writer, self.sequence) = (attempt, writer, sequence)
        (self.steps, self.times, self.columns, self.extras) = (steps, times, columns, extras)
    }

    /// One metric's values in a batch.
    public struct Column: Sendable, Equatable {
        public var name: String
        /// Bit *i* of word ⌊*i*/64⌋ says that row *i* has a value; `nil` means that all have.
        public var presence: [UInt64]?
        /// The values of the present rows, in row order.
        public var values: [Double]

        public init(name: String, presence: [UInt64]? = nil, values: [Double]) {
            (self.name, self.presence, self.values) = (name, presence, values)
        }

        /// A column from one optional value a row.
        public init(name: String, optional values: [Double?]) {
            guard values.contains(where: { $0 == nil }) else {
                self.init(name: name, values: values.compactMap(\.self))
                return
            }
            var presence = [UInt64](repeating: 0, count: (values.count + 63) / 64)
            for (row, value) in values.enumerated() where value != nil { presence[row / 64] |= 1 << UInt64(row % 64) }
            self.init(name: name, presence: presence, values: values.compactMap(\.self))
        }

        /// Equal if bit-equal, so that NaN equals itself.
        public static func == (left: Column, right: Column) -> Bool {
            left.name == right.name && left.presence == right.presence
                && left.values.map(\.bitPattern) == right.values.map(\.bitPattern)
        }
    }

    /// How many values the batch holds.
    public var points: Int { columns.reduce(0) { $0 + $1.values.count } }
}

/// What a batch may carry beside its rows. Every part is optional; an empty one is not written.
public struct BatchExtras: Sendable, Equatable, Codable {
    /// Changes to the config, merged key by key.
    public var config: JSONValue?
    /// Explicit summary values; they win over what the server derives.
    public var summary: JSONValue?
    public var definitions: [MetricDefinition]?
    public var histograms: [HistogramRecord]?
    public var logs: [LogLine]?
    public var events: [RunEvent]?
    public var media: [MediaReference]?

    public init(
        config: JSONValue? = nil, summary: JSONValue? = nil, definitions: [MetricDefinition]? = nil,
        histograms: [HistogramRecord]? = nil, logs: [LogLine]? = nil, events: [RunEvent]? = nil, media: [MediaReference]? = nil
    ) {
        (self.config, self.summary, self.definitions) = (config, summary, definitions)
        (self.histograms, self.logs, self.events, self.media) = (histograms, logs, events, media)
    }

    public var isEmpty: Bool { self == BatchExtras() }
}
