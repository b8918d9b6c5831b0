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

        /// Whether it is compared as milliseconds since 1970.
        public var isTime: Bool { [.createdAt, .startedAt, .finishedAt, .heartbeatAt].contains(self) }
        public var isText: Bool { [.name, .id, .state, .group, .jobType, .notes, .parent].contains(self) }
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
