/// What the filter language says, as a tree: which runs to keep.
///
/// `config.lr < 1e-3 and (summary.loss.min < 0.3 or tags has "best") and state = "running"`; the short forms of the dashboard's search field
/// (`state:running lr<1e-3 tag:baseline "vit" best(val/acc)>0.9`) and MLflow's search strings give the same tree.
public indirect enum RunFilter: Sendable, Equatable {
    case all([RunFilter])
    case any([RunFilter])
    case not(RunFilter)
    /// Runs without the key never match, whatever the comparison.
    case compare(Key, Comparison, Value)
    case oneOf(Key, [Value])
    /// `%` stands for any characters, `_` for one; letters match in both cases.
    case like(Key, String)
    /// A regular expression, found anywhere.
    case matches(Key, String)
    case missing(Key)
    /// The words anywhere in the run's name, or the start of its id.
    case text(String)

    /// What is compared.
    public enum Key: Sendable, Equatable, Hashable {
        case field(Field)
        /// A dotted config key: `model.depth`.
        case config(String)
        /// A metric with one of its summary values, or an explicit summary key.
        case summary(metric: String, Aggregate)
        /// A bare name: a config key if the project has it, else a metric's last value.
        case bare(String)
        case tag
        case finding
    }

    public enum Field: String, Sendable, CaseIterable {
        case name, id, state, group, jobType, notes, createdAt, startedAt, finishedAt, heartbeatAt, duration, number, rows, points, lastStep, parent
        case archived, deleted

        /// Whether it is compared as milliseconds since 1970.
        public var isTime: Bool { [.createdAt, .startedAt, .finishedAt, .heartbeatAt].contains(self) }
        /// Whether it is compared as 1 or 0.
        public var isFlag: Bool { [.archived, .deleted].contains(self) }
        public var isText: Bool { [.name, .id, .state, .group, .jobType, .notes, .parent].contains(self) }
    }

    /// Whether any part of the filter looks at this field.
    public func mentions(_ field: Field) -> Bool {
        switch self {
        case .all(let parts), .any(let parts): parts.contains { $0.mentions(field) }
        case .not(let part): part.mentions(field)
        case .compare(let key, _, _), .oneOf(let key, _), .like(let key, _), .matches(let key, _), .missing(let key): key == .field(field)
        case .text: false
        }
    }

    public enum Aggregate: String, Sendable, CaseIterable {
        case last, min, max, mean, count, nan, firstStep, lastStep
        /// The minimum or the maximum, as the metric's goal says.
        case best
    }

    public enum Comparison: String, Sendable, CaseIterable {
        case equal = "=", unequal = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
    }

    public enum Value: Sendable, Equatable {
        case number(Double)
        case text(String)

        public var text: String {
            switch self {
            case .number(let value): value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
            case .text(let text): text
            }
        }
    }
}

/// Why a text is not a filter.
public struct RunFilterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// In characters from the beginning.
    public var position: Int
    /// Half a sentence.
    public var reason: String

    public init(position: Int, reason: String) { (self.position, self.reason) = (position, reason) }
    public var description: String { "The filter fails at character \(position): \(reason)." }
}
