/// `POST /api/v1/histograms/query`: histograms over steps, of several runs at once.
public struct HistogramsQuery: Sendable, Equatable, Codable {
    /// 1 … 1 000.
    public var runs: [RunID]
    /// 1 … 20.
    public var names: [String]
    /// First step that is asked for; `nil` means from the beginning.
    public var from: Int64?
    public var to: Int64?
    /// Slices of each run and name at most, 1 … 1 000; 80 if `nil`.
    public var limit: Int?
    /// Of each name only the first so many of the runs that logged it; `nil` means all.
    public var mostRuns: Int?

    public init(runs: [RunID], names: [String], from: Int64? = nil, to: Int64? = nil, limit: Int? = nil, mostRuns: Int? = nil) {
        (self.runs, self.names, self.from, self.to, self.limit, self.mostRuns) = (runs, names, from, to, limit, mostRuns)
    }

    private enum CodingKeys: String, CodingKey, CaseIterable { case runs, names, from, to, limit, mostRuns }

    /// A key that is not known is refused by name.
    public init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(but: CodingKeys.self)
        let body = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            runs: try body.decode([RunID].self, forKey: .runs), names: try body.decode([String].self, forKey: .names),
            from: try body.decodeIfPresent(Int64.self, forKey: .from), to: try body.decodeIfPresent(Int64.self, forKey: .to),
            limit: try body.decodeIfPresent(Int.self, forKey: .limit), mostRuns: try body.decodeIfPresent(Int.self, forKey: .mostRuns))
    }
}

public struct HistogramsAnswer: Sendable, Equatable, Codable {
    /// One for each name and run that logged it: names in the order of the question, and within a name runs in theirs.
    public var histograms: [Slices]
    /// One for each name of the question, in its order.
    public var names: [Found]

    public init(histograms: [Slices], names: [Found]) { (self.histograms, self.names) = (histograms, names) }

    public struct Slices: Sendable, Equatable, Codable {
        public var run: RunID
        public var name: String
        /// In step order: all, or as many as the limit lets through at even distances of steps, the first and the last among them.
        public var slices: [HistogramRecord]
        /// Steps that have one, whatever was asked for.
        public var total: Int

        public init(run: RunID, name: String, slices: [HistogramRecord], total: Int) {
            (self.run, self.name, self.slices, self.total) = (run, name, slices, total)
        }
    }

    public struct Found: Sendable, Equatable, Codable {
        public var name: String
        /// How many of the runs in the question logged it.
        public var runs: Int

        public init(name: String, runs: Int) { (self.name, self.runs) = (name, runs) }
    }
}

/// A histogram's name in a project: what lists and menus offer.
public struct HistogramNameRecord: Sendable, Equatable, Codable {
    public var name: String
    /// Runs that logged it.
    public var runs: Int
    /// The greatest step of all of them.
    public var lastStep: Int64
    /// The latest time that one was logged at, milliseconds since 1970.
    public var lastSeenAt: Int64

    public init(name: String, runs: Int, lastStep: Int64, lastSeenAt: Int64) {
        (self.name, self.runs, self.lastStep, self.lastSeenAt) = (name, runs, lastStep, lastSeenAt)
    }
}
