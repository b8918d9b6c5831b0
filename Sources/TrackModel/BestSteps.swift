/// `POST /api/v1/series/best`: the values of metrics at the step where another metric of the same run is best.
public struct BestStepsQuery: Sendable, Equatable, Codable {
    /// At most 1 000.
    public var runs: [RunID]
    /// At most 8.
    public var pairs: [Pair]

    public init(runs: [RunID], pairs: [Pair]) { (self.runs, self.pairs) = (runs, pairs) }

    public struct Pair: Sendable, Equatable, Hashable, Codable {
        /// Whose value is wanted.
        public var metric: String
        /// Whose best value says at which step.
        public var at: String

        public init(metric: String, at: String) { (self.metric, self.at) = (metric, at) }
    }
}

public struct BestStepsAnswer: Sendable, Equatable, Codable {
    /// One for each run and pair that has a value, runs in the order of the question and within a run pairs in theirs.
    public var values: [Value]

    public init(values: [Value]) { self.values = values }

    public struct Value: Sendable, Equatable, Codable {
        public var run: RunID
        public var metric: String
        public var at: String
        /// The metric's value as it stood at the best step: logged at that step, or last before it.
        public var value: JSONValue
        /// Where that value was logged.
        public var step: Int64
        /// The other metric's best finite value.
        public var best: Double
        /// The first step that has it.
        public var bestStep: Int64

        public init(run: RunID, metric: String, at: String, value: JSONValue, step: Int64, best: Double, bestStep: Int64) {
            (self.run, self.metric, self.at, self.value, self.step) = (run, metric, at, value, step)
            (self.best, self.bestStep) = (best, bestStep)
        }
    }
}
