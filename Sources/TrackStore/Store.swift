public import TrackModel
public import TrackSeries

/// What the server needs of a database: one contract, with one test suite for every implementation.
///
/// Every method is safe to call from any task. Writes return after their commit; reads see a consistent snapshot.
/// Errors are ``StoreError``.
public protocol Store: Sendable {
    // Projects
    func projects() async throws -> [ProjectRecord]
    func project(_ name: String) async throws -> ProjectRecord
    /// Creates the project, or returns the one that is there.
    func makeProject(_ name: String, description: String?) async throws -> ProjectRecord
    /// Deletes the project with all its runs, in batches; returns the bytes freed.
    func deleteProject(_ name: String) async throws -> Int

    // Runs
    func makeRun(_ request: CreateRunRequest) async throws -> CreateRunResponse
    func run(_ id: RunID) async throws -> RunRecord
    func runs(_ query: RunsQuery) async throws -> RunsPage
    /// Runs that share values, counted and summarised.
    func runGroups(_ query: RunGroupsQuery) async throws -> RunGroups
    /// Config and explicit summary keys of the project's runs, by name.
    func runKeys(project: String) async throws -> [RunKeyRecord]
    /// A key's values, most common first.
    func runKeyValues(project: String, key: String, limit: Int) async throws -> [RunKeyValue]
    func updateRun(_ id: RunID, _ request: UpdateRunRequest) async throws -> RunRecord
    /// The same changes for many runs, some hundred in each commit.
    func updateRuns(_ ids: [RunID], _ request: UpdateRunRequest) async throws -> UpdateRunsResponse
    func finishRun(_ id: RunID, _ request: FinishRunRequest) async throws -> RunRecord
    /// A sign of life; the record holds the open commands, if there are any.
    /// - Parameters:
    ///   - listens: What the program can be asked for, if it says so now. Only the latest attempt's word counts.
    ///   - declares: The values that it lets others change, in the same way.
    func heartbeat(_ id: RunID, attempt: Int?, listens: [CommandKind]?, declares: [DeclaredValue]?) async throws -> RunRecord
    /// The processes that wrote the run, by name.
    func writers(_ run: RunID) async throws -> [WriterRecord]
    /// Keeps a writer's delivery receipt; the run's report is the sum of all.
    func keepReceipt(_ receipt: JSONValue, of writer: String, run: RunID) async throws -> RunRecord
    /// Deletes the run with everything in it, in batches; returns the bytes freed.
    func deleteRun(_ id: RunID) async throws -> Int
    /// Deletes for ever what is in the project's bin: these runs, or all.
    func emptyBin(of project: String, runs: [RunID]?) async throws -> EmptiedBin
    /// Days that a run lies in the bin before it is deleted for ever.
    var binDays: Int { get }

    // Commands
    /// Asks the run's program for something; while the same is open, that is the answer.
    func ask(_ run: RunID, for kind: CommandKind, by name: String?) async throws -> (command: CommandRecord, isNew: Bool)
    /// Asks the run's program to change a value that it has declared. What was asked before and has not reached the program is superseded.
    func ask(_ run: RunID, toSet name: String, to value: JSONValue, by key: String?) async throws -> (command: CommandRecord, isNew: Bool)
    /// The same of many runs, some hundred in each commit.
    func ask(_ runs: [RunID], for kind: CommandKind, by name: String?) async throws -> CommandsResponse
    /// What was asked of the run, the newest first.
    func commands(_ run: RunID, limit: Int) async throws -> [CommandRecord]
    /// The program's answer. What is done leaves an event.
    func answer(_ command: Int64, of run: RunID, _ answer: CommandAnswer) async throws -> CommandRecord

    // Rows
    /// Stores a batch exactly once. Batches that wait are committed together; the answer comes after the commit.
    func append(_ batch: EncodedBatch, to run: RunID) async throws -> BatchAcknowledgement
    /// Stores rows of a program that does not number its batches: the store gives writer, sequence, missing steps and attempt.
    func appendUnnumbered(_ batch: Batch, missingSteps: Bool, to run: RunID) async throws -> BatchAcknowledgement
    /// Stores a scanned JSON batch; whatever it left open (writer and sequence, attempt, steps) the store gives.
    func append(_ scanned: ScannedBatch, to run: RunID) async throws -> BatchAcknowledgement

    // Reading
    /// What these runs have logged; without them the runs that the filter lets through; without both, all that lists show.
    func metrics(project: String, runs: [RunID]?, filter: String?) async throws -> [MetricRecord]
    func series(_ query: SeriesQuery) async throws -> SeriesAnswer
    /// A name for what the query answers now, for ETags: it changes with the data. `nil` while one of the runs may still grow, or is unknown.
    func seriesVersion(_ query: SeriesQuery) async throws -> String?
    func histogramNames(_ run: RunID) async throws -> [HistogramSummary]
    /// At most `limit` slices: evenly thinned, first and last kept; or, `merging`, neighbours put together, so that every one is in the answer.
    func histograms(_ run: RunID, name: String, from: Int64?, to: Int64?, limit: Int, merging: Bool) async throws -> HistogramSlices
    func logs(_ run: RunID, after: Int, limit: Int) async throws -> LogPage
    func events(_ run: RunID) async throws -> [RunEvent]

    // Keys
    func makeKey(name: String, scope: KeyScope, expiresAt: Int64?) async throws -> (key: String, record: KeyRecord)
    func keys() async throws -> [KeyRecord]
    /// The key's record if it is valid now; constant time in the key's characters.
    func authenticate(key: String) async throws -> KeyRecord?
    func deleteKey(_ id: String) async throws
    func hasKeys() async throws -> Bool

    // Views
    func views(project: String) async throws -> [ViewRecord]
    func view(project: String, id: String) async throws -> ViewRecord
    func saveView(project: String, id: String, name: String, shared: Bool, state: JSONValue) async throws -> ViewRecord
    func deleteView(project: String, id: String) async throws

    // Itself
    /// What the store has done since it was opened, and what waits to be folded.
    func statistics() -> StoreCounters.Values
    /// Stops and resumes folding in the background; batches are kept as they are meanwhile, and read from there.
    func pauseFolding(_ paused: Bool)
    /// What changed, as it is committed: the source of live updates. Each call returns a stream of its own.
    func changes() -> AsyncStream<StoreChange>
    /// Finishes what is in flight and closes the files.
    func close() async throws
}

extension Store {
    /// A sign of life of a program that says nothing else.
    public func heartbeat(_ id: RunID, attempt: Int?) async throws -> RunRecord { try await heartbeat(id, attempt: attempt, listens: nil) }

    /// A sign of life of a program that declares no value, or has said which.
    public func heartbeat(_ id: RunID, attempt: Int?, listens: [CommandKind]?) async throws -> RunRecord {
        try await heartbeat(id, attempt: attempt, listens: listens, declares: nil)
    }

    /// What these runs have logged, or all that lists show.
    public func metrics(project: String, runs: [RunID]?) async throws -> [MetricRecord] {
        try await metrics(project: project, runs: runs, filter: nil)
    }

    /// At most `limit` slices, evenly thinned, first and last kept.
    public func histograms(_ run: RunID, name: String, from: Int64?, to: Int64?, limit: Int) async throws -> HistogramSlices {
        try await histograms(run, name: name, from: from, to: to, limit: limit, merging: false)
    }
}

/// One committed change, for live updates.
public enum StoreChange: Sendable {
    case run(RunRecord)
    case rows(project: String, run: RunID, lastStep: Int64, rows: Int, points: Int, metrics: [String])
    case histograms(project: String, run: RunID, names: [String])
    case media(project: String, run: RunID, names: [String])
    case logs(project: String, run: RunID, total: Int)
    case events(project: String, run: RunID, [RunEvent])
    /// What is wrong with a run is no longer what it was: kinds with counts, and the greatest severity.
    case findings(project: String, run: RunID, counts: [String: Int], health: FindingSeverity?)
    /// Something was asked of a run, or has come further.
    case command(project: String, CommandRecord)
    case deleted(project: String, run: RunID)
}
