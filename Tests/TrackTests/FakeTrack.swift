import Foundation
import Synchronization
import Track

/// The server's contract in a few lines: runs, attempts, exactly-once by writer and sequence. What it stored can be asked.
final class FakeTrack: Sendable {
    struct Run: Sendable {
        var request: CreateRunRequest
        var keys: [String: Int] = [:]
        var attempts = 0
        var sequences: [String: UInt64] = [:]
        var rows: [(attempt: Int, step: Int64, time: Int64, values: [String: Double])] = []
        var extras = BatchExtras()
        var batches = 0
        var bytes = 0
        var finished: FinishRunRequest?
        var receipts: [String: JSONValue] = [:]
        var heartbeats = 0
    }

    let state = Mutex<[String: Run]>([:])
    /// Stored files by their digests.
    let blobs = Mutex<[String: [UInt8]]>([:])

    func run(_ id: String) -> Run? { state.withLock { $0[id] } }
    var runs: [Run] { state.withLock { Array($0.values) } }

    func handle(_ request: ScriptedServer.Request) -> ScriptedServer.Reply {
        let parts = request.path.split(separator: "/").map(String.init)
        do {
            switch (request.method, parts.dropFirst(3).first, parts.last) {
            case ("POST", nil, "runs"): return try create(request)
            case ("PUT", let digest?, _) where parts.contains("blobs"):
                blobs.withLock { $0[digest] = request.body }
                return .answer(201, "{}")
            case ("POST", let id?, "batches"): return try store(request, id)
            case ("POST", let id?, "finish"):
                let finish = try decoder().decode(FinishRunRequest.self, from: Data(request.body))
                state.withLock { $0[id]?.finished = finish }
                return .answer(200, "{\"id\":\"\(id)\"}")
            case ("PUT", let id?, _) where parts.dropFirst(4).first == "receipts":
                let receipt = try decoder().decode(JSONValue.self, from: Data(request.body))
                state.withLock { $0[id]?.receipts[parts[5]] = receipt }
                return .answer(200, "{\"id\":\"\(id)\"}")
            case ("POST", let id?, "heartbeat"):
                state.withLock { $0[id]?.heartbeats += 1 }
                return .answer(200, "{}")
            default: return error(404, "unknown_route", "No such route.")
            }
        } catch {
            return self.error(422, "invalid_batch", "\(error)")
        }
    }

    func error(_ status: Int, _ code: String, _ message: String, details: String = "{}") -> ScriptedServer.Reply {
        .answer(status, "{\"error\":{\"code\":\"\(code)\",\"message\":\"\(message.replacing("\"", with: "'"))\",\"details\":\(details)}}")
    }

    private func decoder() -> JSONDecoder { BatchCodec.makeJSONDecoder() }

    private func create(_ request: ScriptedServer.Request) throws -> ScriptedServer.Reply {
        let wanted = try decoder().decode(CreateRunRequest.self, from: Data(request.body))
        let id = wanted.id!.text
        return try state.withLock { runs in
            let isNew = runs[id] == nil
            if let attempt = wanted.idempotencyKey.flatMap({ runs[id]?.keys[$0] }) { return try answer(runs[id]!, id, attempt, resumed: attempt > 1) }
            if !isNew && (wanted.resume ?? .never) == .never { return error(409, "run_exists", "Run \(id) exists. Resume it, or leave out the id.") }
            if isNew && wanted.resume == .must { return error(404, "unknown_run", "There is no run \(id). Start it without resume: must.") }
            runs[id, default: Run(request: wanted)].attempts += 1
            let attempt = runs[id]!.attempts
            if let key = wanted.idempotencyKey { runs[id]!.keys[key] = attempt }
            return try answer(runs[id]!, id, attempt, resumed: !isNew)
        }
    }

    private func answer(_ run: Run, _ id: String, _ attempt: Int, resumed: Bool) throws -> ScriptedServer.Reply {
        let record = RunRecord(id: RunID(id)!, project: run.request.project, name: run.request.name ?? "calm-river-1", color: 0, number: 1,
                               createdAt: 0, startedAt: 0, heartbeatAt: 0, config: run.request.config)
        let response = CreateRunResponse(run: record, attempt: attempt, resumed: resumed, nextStep: (run.rows.map(\.step).max() ?? -1) + 1)
        return .answer(resumed ? 200 : 201, String(decoding: try JSONEncoder().encode(response), as: UTF8.self))
    }

    private func store(_ request: ScriptedServer.Request, _ id: String) throws -> ScriptedServer.Reply {
        let batch = try EncodedBatch(request.body).decoded()
        return try state.withLock { runs in
            guard runs[id] != nil else { return error(404, "unknown_run", "There is no run \(id).") }
            let last = runs[id]!.sequences[batch.writer] ?? 0
            if batch.sequence > last + 1 {
                return error(409, "sequence_gap", "gap", details: "{\"expected\":\(last + 1),\"given\":\(batch.sequence)}")
            }
            let isDuplicate = batch.sequence <= last
            if !isDuplicate {
                runs[id]!.sequences[batch.writer] = batch.sequence
                runs[id]!.rows += batch.allRows.map { (batch.attempt, $0.step, $0.time, $0.values) }
                runs[id]!.extras.join(batch.extras)
                runs[id]!.batches += 1
                runs[id]!.bytes += request.body.count
            }
            let acknowledgement = BatchAcknowledgement(run: RunID(id)!, writer: batch.writer, sequence: batch.sequence, rows: batch.steps.count,
                                                       points: batch.points, duplicate: isDuplicate)
            return .answer(200, String(decoding: try JSONEncoder().encode(acknowledgement), as: UTF8.self))
        }
    }
}

extension Batch {
    /// The rows as they were logged.
    var allRows: [(step: Int64, time: Int64, values: [String: Double])] {
        var rows = steps.indices.map { (step: steps[$0], time: times[$0], values: [String: Double]()) }
        for column in columns {
            var next = 0
            for row in rows.indices where column.presence.map({ $0[row / 64] >> UInt64(row % 64) & 1 == 1 }) ?? true {
                rows[row].values[column.name] = column.values[next]
                next += 1
            }
        }
        return rows
    }
}

extension BatchExtras {
    fileprivate mutating func join(_ later: BatchExtras) {
        if let config = later.config { self.config = (self.config ?? .object([:])).merging(config) }
        if let summary = later.summary { self.summary = (self.summary ?? .object([:])).merging(summary) }
        definitions = (definitions ?? []) + (later.definitions ?? [])
        histograms = (histograms ?? []) + (later.histograms ?? [])
        logs = (logs ?? []) + (later.logs ?? [])
        events = (events ?? []) + (later.events ?? [])
        media = (media ?? []) + (later.media ?? [])
    }
}

/// A folder of its own for one test, gone afterwards.
final class TemporaryFolder: Sendable {
    let path = NSTemporaryDirectory() + "/track-tests-" + UUID().uuidString
    init() { try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Settings that touch nothing outside this folder.
    func settings(url: String, mode: Settings.Mode = .online) -> Settings {
        var settings = Settings()
        (settings.url, settings.mode, settings.folder) = (url, mode, path)
        (settings.recordsSystem, settings.recordsEnvironment) = (false, false)
        return settings
    }

    func files(_ folder: String = "") -> [String] {
        (try? FileManager.default.subpathsOfDirectory(atPath: path + "/" + folder)) ?? []
    }
}
