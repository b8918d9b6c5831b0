/// What a finding is about. The filter language knows each by its word: `health:nan`.
public enum FindingKind: String, Sendable, Codable, CaseIterable {
    case nan, infinity, spike, divergence, plateau, overfitting
    case explodingGradients = "exploding-gradients"
    case vanishingGradients = "vanishing-gradients"
    case deadUnits = "dead-units"
    case zeroRate = "zero-rate"
    case highRate = "high-rate"
    case throughput
    case idleGPU = "idle-gpu"
    case memoryGrowth = "memory-growth"
    case silent, failed
}

/// How much a finding matters: what is worth knowing, what should be looked at, what spoils the run.
public enum FindingSeverity: String, Sendable, Codable, CaseIterable, Comparable {
    case info, warning, error
    public static func < (left: FindingSeverity, right: FindingSeverity) -> Bool { allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)! }
}

/// One number that a rule used, with its name in words.
public struct FindingNumber: Sendable, Equatable, Codable {
    public var name: String
    public var value: Double

    public init(_ name: String, _ value: Double) { (self.name, self.value) = (name, value) }
}

/// What a rule found in a run: facts only.
public struct Finding: Sendable, Equatable, Codable {
    public var kind: FindingKind
    public var severity: FindingSeverity
    /// The series it is in; empty for what concerns the whole run.
    public var metric: String
    /// Where it begins and where it was seen last; `nil` where steps say nothing.
    public var firstStep: Int64?
    public var lastStep: Int64?
    public var numbers: [FindingNumber]

    public init(_ kind: FindingKind, _ severity: FindingSeverity, metric: String = "", steps: ClosedRange<Int64>? = nil, numbers: [FindingNumber] = []) {
        (self.kind, self.severity, self.metric, self.numbers) = (kind, severity, metric, numbers)
        (firstStep, lastStep) = (steps?.lowerBound, steps?.upperBound)
    }
}

/// Where a kind of finding is muted.
public enum FindingMute: String, Sendable, Codable, CaseIterable { case run, project }

/// A finding as it is answered: facts, when it was first seen, and the words of its rule.
public struct FindingRecord: Sendable, Equatable, Codable {
    public var run: RunID
    public var kind: FindingKind
    public var severity: FindingSeverity
    public var metric: String
    public var firstStep: Int64?
    public var lastStep: Int64?
    public var numbers: [FindingNumber]
    /// Milliseconds since 1970.
    public var foundAt: Int64
    /// Whether somebody muted it: it is listed, and counts nowhere.
    public var muted: FindingMute?
    public var title: String
    public var why: String
    public var advice: String
    /// The rule's formula.
    public var rule: String

    public init(
        run: RunID, finding: Finding, foundAt: Int64, muted: FindingMute?, title: String = "", why: String = "", advice: String = "", rule: String = ""
    ) {
        (self.run, kind, severity, metric) = (run, finding.kind, finding.severity, finding.metric)
        (firstStep, lastStep, numbers) = (finding.firstStep, finding.lastStep, finding.numbers)
        (self.foundAt, self.muted) = (foundAt, muted)
        (self.title, self.why, self.advice, self.rule) = (title, why, advice, rule)
    }
}

/// `GET /api/v1/runs/{run}/findings` and `GET /api/v1/projects/{project}/findings`.
public struct FindingList: Sendable, Equatable, Codable {
    /// Newest first: by the step at which each was seen last.
    public var findings: [FindingRecord]
    /// Whether everything that was acknowledged before the question has been looked at.
    public var complete: Bool

    public init(findings: [FindingRecord], complete: Bool) { (self.findings, self.complete) = (findings, complete) }
}
