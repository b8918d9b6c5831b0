public import TrackModel
public import TrackSeries

/// What the server needs of a store to look after the health of runs: the points that are new, and a place for what was found.
///
/// ``readNew(of:after:into:)`` and ``keepExamination(_:findings:of:)`` block: they are for a thread of their own.
public protocol HealthStore: Sendable {
    /// Runs that grew, or changed their state, since they were last looked at, the newest first.
    func unexamined(limit: Int) throws -> [RunID]
    /// Running runs whose silence began or ended: the last sign of life came before `limit` (milliseconds since 1970) and no finding says so,
    /// or the other way round.
    func runsWithChangedSilence(before limit: Int64) throws -> [RunID]
    /// Hands over the points that came after `mark`, metric by metric in step order. Where they do not continue what was read before, the reader is
    /// told to forget that and gets everything again.
    /// - Parameter mark: What the last reading gave; `nil` to begin.
    /// - Complexity: O(new points), and O(all points) where the reader had to forget.
    /// - Throws: ``StoreError/unknownRun(_:)``
    func readNew(of run: RunID, after mark: ExaminationMark?, into reader: inout some PointReader) throws -> RunReading
    /// Keeps what was found, in place of what was found before, and tells listeners if the list differs.
    /// - Parameter mark: How far was looked; `nil` keeps the findings alone, so that the run counts as not looked at.
    /// - Returns: Whether the findings differ from those that were there.
    @discardableResult
    func keepExamination(_ mark: ExaminationMark?, findings: [Finding], of run: RunID) throws -> Bool
    /// What was found in a run, newest first, without words.
    func findings(_ run: RunID) async throws -> [FindingRecord]
    /// The newest findings of a project's runs, muted ones left out.
    func findings(project: String, limit: Int) async throws -> [FindingRecord]
    /// Mutes a kind in one run, or no longer; an empty metric stands for all.
    func mute(_ kind: FindingKind, metric: String, in run: RunID, _ muted: Bool) async throws
    /// Mutes a kind in all runs of a project, or no longer.
    func mute(_ kind: FindingKind, metric: String, project: String, _ muted: Bool) async throws
}

/// Takes points in the order of their steps.
public protocol PointReader {
    /// What came before is no longer true.
    mutating func forget()
    /// The step up to which a metric was taken.
    func lastStep(of metric: String) -> Int64?
    mutating func take(_ points: SeriesPoints, of metric: String, goal: MetricDefinition.Goal?)
}

/// How far a run has been read.
public struct ExaminationMark: Sendable, Equatable {
    /// Every batch up to this one.
    public var batch: Int64
    /// The last batch then that had brought late or repeated steps.
    var disturbedBatch: Int64
    public var state: RunState
}

/// What a reading tells of the run itself.
public struct RunReading: Sendable, Equatable {
    public var mark: ExaminationMark
    public var state: RunState
    /// Milliseconds since 1970.
    public var heartbeatAt: Int64
    public var lastStep: Int64?
    public var config: JSONValue
    /// How many points were handed over.
    public var points: Int
}
