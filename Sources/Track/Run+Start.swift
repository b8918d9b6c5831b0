import Foundation
import Synchronization
import TrackModel

/// Whether a run with this id may exist already.
public enum Resume: Sendable, Equatable {
    /// It must not: an existing id is refused.
    case never
    /// It may: it is taken up, or made.
    case allow
    /// It must: a missing one is refused.
    case must
    /// It is taken up at this step; points of earlier attempts at it and later are hidden, not lost.
    case from(step: Int)
}

extension Run {
    /// Starts a run of its own, beside the one that ``track`` forwards to.
    ///
    /// A server that is down delays nothing: after two seconds at most the run starts, rows wait in the spool, and the run is created when the
    /// server comes. Parameters are those of ``Tracker/start(project:name:config:id:group:jobType:tags:notes:parent:resume:rank:mode:url:apiKey:settings:)``.
    /// - Throws: ``TrackError`` for a name, an address or a setting that cannot be, and when the server refuses the run, as with an id
    ///   that exists under `resume: .never`. Never because the server cannot be reached or refuses the key.
    public static func start(
        project: String, name: String? = nil, config: [String: any ConfigValue] = [:], id: String? = nil, group: String? = nil,
        jobType: String? = nil, tags: [String] = [], notes: String? = nil, parent: String? = nil, resume: Resume = .never,
        rank: Int? = nil, mode: Settings.Mode? = nil, url: String? = nil, apiKey: String? = nil, settings: Settings? = nil
    ) async throws -> Run {
        var settings = try settings ?? Settings.load()
        if let mode { settings.mode = mode }
        if let url { settings.url = url }
        if let apiKey { settings.apiKey = apiKey }
        let environment = ProcessInfo.processInfo.environment
        let resumption = id == nil ? try Resumption(environment) : nil
        let id = id ?? resumption?.id, resume = resumption?.resume ?? resume
        var request = CreateRunRequest(
            id: try runID(id), project: try checked(project: project), name: name, config: .object(config.mapValues(\.jsonValue)), group: group,
            jobType: jobType, tags: tags.isEmpty ? nil : tags, notes: notes, parent: try parent.map(runID), host: hostName(),
            startedAt: wallClock_us() / 1_000)
        let rank = rank ?? (id == nil ? nil : Launch.rank(environment))      // processes that share a run share its id
        request.apply(rank == nil ? resume : resume == .never ? .allow : resume)
        let writer = rank.map { "r\($0)-" + randomBase32(length: 8) } ?? "w" + randomBase32(length: 11)
        request.idempotencyKey = rank == nil ? writer : Launch.key(environment)
        guard ServerAddress.isPossible(settings.url) else { throw TrackError.url(settings.url) }
        request.environment = await RunEnvironment.current(settings)
        let run = try await begin(request, writer: writer, leads: (rank ?? 0) == 0, settings)
        if settings.recordsSystem, settings.mode != .disabled {
            SystemMonitor.shared.watch(run, prefix: rank.map { $0 > 0 ? "system/rank.\($0)/" : "system/" } ?? "system/", interval: settings.systemInterval)
        }
        if settings.capturesConsole { run.captureConsole() }
        return run
    }

    private static func begin(_ request: CreateRunRequest, writer: String, leads: Bool, _ settings: Settings) async throws -> Run {
        let manifest = Manifest(
            writer: writer, url: settings.url, request: request, leads: leads, process: getpid(), startedAt: wallClock_us() / 1_000)
        let spool = SpoolWriter(
            folder: settings.spoolFolder + "/" + request.id!.text, manifest: manifest, limit: settings.spoolLimit, policy: settings.spoolPolicy)
        let notices = Notices()
        let plan = Sender.Plan(manifest: manifest, url: settings.url, key: settings.apiKey, isOnline: settings.mode == .online)
        if settings.mode != .disabled {
            if settings.mode == .online, request.resume != .never { await deliverEarlier(of: request.id!, settings) }
            do { try spool.prepare() } catch {
                let note = SpoolWriter.inMemory(error)
                notices.say(note.text, as: note.kind)
            }
        }
        let run = Run(plan, spool: spool, settings: settings, mode: settings.mode, notices: notices)
        run.collector.upcomingStep = request.resumeStep ?? 0
        if settings.mode != .disabled {
            run.sender.start()
            SignalFlush.watch(run)
        }
        guard settings.mode == .online else { return run }
        switch await run.sender.creation(within: .seconds(2)) {
        case .created(let response):
            run.collector.upcomingStep = request.resumeStep ?? response.nextStep
            if response.resumed { run.adopt(response.run) }
        case .refused(let error) where ["run_exists", "unknown_run", "invalid_name", "invalid_parameter", "invalid_body"].contains(error.error.code):
            run.collector.close()
            _ = await run.sender.finish(within: .zero)
            run.spool.remove()
            throw TrackError.refused(code: error.error.code, message: error.error.message)
        case .refused, .pending: break
        }
        return run
    }

    /// What earlier processes left on this machine for this server is delivered now that it is there.
    static func deliverLeftovers(_ settings: Settings) {
        var sync = SpoolSync(
            folder: SpoolFolder(path: settings.spoolFolder), settings: settings, patience: .seconds(5), onlyOwnServer: true, onlyAbandoned: true)
        sync.chooseAbandoned()
        inBackground("track-leftovers") { [sync] in _ = sync.deliver() }
    }

    /// A run that is taken up again gets what its earlier processes left on this machine first, so that its next step is known. Two seconds are
    /// waited for that; then it goes on beside the new rows.
    private static func deliverEarlier(of run: RunID, _ settings: Settings) async {
        let folder = settings.spoolFolder + "/" + run.text
        guard access(folder, F_OK) == 0 else { return }
        let sync = SpoolSync(folder: SpoolFolder(path: folder), settings: settings, patience: .seconds(2), onlyOwnServer: true, onlyAbandoned: true)
        let done = Milestone()
        inBackground("track-earlier") {
            _ = sync.deliver()
            done.reach()
        }
        await onThread("track-patience") { done.wait(atMost: .seconds(2)) }
    }

    private func adopt(_ record: RunRecord) {
        values.withLock { values in
            if let config = record.config { values.config = config.merging(values.config) }
            if let summary = record.summaryValues { values.summary = summary }
        }
    }

    private static func checked(project: String) throws -> String {
        guard (1...200).contains(project.count), !project.contains(where: \.isNewline) else { throw TrackError.project(project) }
        return project
    }

    private static func runID(_ text: String?) throws -> RunID {
        guard let text else { return RunID() }
        guard let id = RunID(text) else { throw TrackError.id(text) }
        return id
    }
}

extension CreateRunRequest {
    fileprivate mutating func apply(_ rule: Track.Resume) {
        switch rule {
        case .never: resume = .never
        case .allow: resume = .allow
        case .must: resume = .must
        case .from(let step): (resume, resumeStep) = (.must, Int64(step))
        }
    }
}

/// This machine's name.
func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
