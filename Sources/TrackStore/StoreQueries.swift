public import TrackModel

/// Which runs of a project, in which order, from where.
public struct RunsQuery: Sendable, Equatable {
    public var project: String
    /// The filter language; `nil` means all.
    public var filter: String?
    /// Keys with `-` for descending, commas between; `-createdAt` if `nil`.
    public var sort: String?
    public var cursor: String?
    /// 1 … 10 000.
    public var limit: Int
    /// Config and summary keys to answer; `nil` means all, empty means none.
    public var columns: [String]?

    public init(project: String, filter: String? = nil, sort: String? = nil, cursor: String? = nil, limit: Int = 100, columns: [String]? = nil) {
        (self.project, self.filter, self.sort, self.cursor) = (project, filter, sort, cursor)
        (self.limit, self.columns) = (limit, columns)
    }
}

public struct RunsPage: Sendable, Equatable, Codable {
    public var runs: [RunRecord]
    /// All runs of the project that the filter is asked of: without those that are archived or in the bin, unless it speaks of them.
    public var total: Int
    /// Those that the filter lets through.
    public var matched: Int
    public var nextCursor: String?

    public init(runs: [RunRecord], total: Int, matched: Int, nextCursor: String? = nil) {
        (self.runs, self.total, self.matched, self.nextCursor) = (runs, total, matched, nextCursor)
    }
}

public struct HistogramSummary: Sendable, Equatable, Codable {
    public var name: String
    public var count: Int
    public var firstStep: Int64
    public var lastStep: Int64

    public init(name: String, count: Int, firstStep: Int64, lastStep: Int64) {
        (self.name, self.count, self.firstStep, self.lastStep) = (name, count, firstStep, lastStep)
    }
}

public struct HistogramSlices: Sendable, Equatable, Codable {
    public var name: String
    public var slices: [HistogramRecord]
    /// Before thinning.
    public var total: Int

    public init(name: String, slices: [HistogramRecord], total: Int) { (self.name, self.slices, self.total) = (name, slices, total) }
}

public struct LogPage: Sendable, Equatable, Codable {
    public struct Line: Sendable, Equatable, Codable {
        /// From 0, in the order of arrival.
        public var number: Int
        public var time: Int64
        public var stream: String
        public var text: String

        public init(number: Int, time: Int64, stream: String, text: String) {
            (self.number, self.time, self.stream, self.text) = (number, time, stream, text)
        }
    }
    public var lines: [Line]
    public var total: Int

    public init(lines: [Line], total: Int) { (self.lines, self.total) = (lines, total) }
}
