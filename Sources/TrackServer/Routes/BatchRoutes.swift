import HTTPSockets
import TrackModel
import TrackStore

/// Where rows come in: the one path that must be fast.
struct BatchRoutes {
    let store: any Store
    let counters: Counters
    let limits: BatchLimits
    let layouts: BatchLayouts

    init(store: any Store, counters: Counters, limits: BatchLimits) {
        (self.store, self.counters, self.limits) = (store, counters, limits)
        layouts = BatchLayouts(limits: limits)
    }

    func register(on api: inout API) {
        let body = Endpoint.Body(type: nil, contentTypes: [JSONCoding.contentType, BatchCodec.contentType], schema: { Self.schema(&$0) })
        api.add(.init(method: .post, path: "/api/v1/runs/{run}/batches", tag: "rows", about: "Stores rows and what goes with them, exactly once.",
                      scope: .write, body: body, answers: [.json(200, BatchAcknowledgement.self, "Stored: the answer comes after the commit.")],
                      refusals: [.sequenceGap, .unknownAttempt, .invalidBatch, .invalidName, .tooManyMetrics, .nestingTooDeep,
                                 .overloaded, .diskFull], bodyLimit: limits.bodyBytes, isQuick: true),
                direct: (store as? any DirectStore).map(direct), use: append)
    }

    /// `POST /runs/{run}/batches`. Raw columns are stored as received; JSON is scanned into columns first.
    /// Throws `invalid_batch`, `invalid_json`, `sequence_gap`, `unknown_run`, `unknown_attempt`, `too_many_metrics`, `disk_full`.
    func append(_ call: Call) async throws -> Response {
        let run = try call.run()
        let acknowledgement: BatchAcknowledgement
        switch call.contentType {
        case BatchCodec.contentType?:
            let bytes = try await call.bytes()
            counters.ingestBytes.wrappingAdd(bytes.count, ordering: .relaxed)
            acknowledgement = try await store.append(try layouts.batch(bytes), to: run)
        case JSONCoding.contentType?, nil:
            acknowledgement = try await appendJSON(try await call.bytes(), to: run)
        case let other?:
            throw call.unsupported(other, allowed: [JSONCoding.contentType, BatchCodec.contentType])
        }
        return Self.answer(acknowledgement, counters)
    }

    private static func answer(_ acknowledgement: BatchAcknowledgement, _ counters: Counters) -> Response {
        counters.count(acknowledgement)
        return Response(status: .ok, headers: headers, body: .bytes(encode(acknowledgement)))
    }

    private static let headers: Headers = ["Content-Type": JSONCoding.contentType, "X-Content-Type-Options": "nosniff"]

    /// The same for a small batch without anything unusual about it: no task, the answer goes from the writer to the event loop. What cannot
    /// be taken is declined, so that ``append(_:)`` finds the words for it.
    private func direct(_ store: any DirectStore) -> DirectEndpoint {
        DirectEndpoint { request, bytes, reply in
            guard let run = RunID(request.parameters["run"] ?? "") else { return false }
            let answer: @Sendable (Result<BatchAcknowledgement, any Error>) -> Void = { [counters] result in
                switch result {
                case .success(let acknowledgement): reply.send(Self.answer(acknowledgement, counters))
                case .failure(let error): reply.send(.refusal(error, request: request))
                }
            }
            if request.headers.says("Content-Type", BatchCodec.contentType) {
                guard let batch = try? layouts.batch(bytes) else { return false }
                store.append(batch, to: run, on: reply.loop, answer: answer)
            } else if request.headers.says("Content-Type", JSONCoding.contentType) {
                guard let scanned = try? BatchScanner.scan(bytes, limits: limits) else { return false }
                store.append(scanned, to: run, on: reply.loop, answer: answer)
            } else {
                return false
            }
            counters.ingestBytes.wrappingAdd(bytes.count, ordering: .relaxed)
            return true
        }
    }

    /// Longer bodies are scanned on another thread, so that nobody waits for them: 256 kB take some 2 ms.
    private static let quickBytes = 256 << 10

    private func appendJSON(_ bytes: [UInt8], to run: RunID) async throws -> BatchAcknowledgement {
        counters.ingestBytes.wrappingAdd(bytes.count, ordering: .relaxed)
        let limits = limits
        let scanned = bytes.count <= Self.quickBytes ? try BatchScanner.scan(bytes, limits: limits)
            : try await Task.detached { try BatchScanner.scan(bytes, limits: limits) }.value
        return try await store.append(scanned, to: run)
    }

    /// Written by hand, byte by byte: `JSONEncoder` would take longer than all the rest of a small batch.
    static func encode(_ answer: BatchAcknowledgement) -> [UInt8] {
        var json: [UInt8] = []
        json.reserveCapacity(192)
        json += "{\"run\":\"".utf8
        json += answer.run.text.utf8
        json += "\",\"writer\":\"".utf8
        for byte in answer.writer.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): json += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: json += ("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8
            default: json.append(byte)
            }
        }
        json += "\",\"sequence\":".utf8
        json += String(answer.sequence).utf8
        json += ",\"rows\":".utf8
        json += String(answer.rows).utf8
        json += ",\"points\":".utf8
        json += String(answer.points).utf8
        json += (answer.duplicate ? ",\"duplicate\":true" : ",\"duplicate\":false").utf8
        append(answer.commands, as: ",\"commands\":", to: &json)
        append(answer.changes, as: ",\"changes\":", to: &json)
        json.append(UInt8(ascii: "}"))
        return json
    }

    private static func append(_ asked: [CommandRecord]?, as key: String, to json: inout [UInt8]) {
        guard let asked, let list = try? JSONCoding.encode(asked) else { return }
        json += key.utf8
        json += list
    }
}

extension Counters {
    fileprivate func count(_ acknowledgement: BatchAcknowledgement) {
        batches.wrappingAdd(1, ordering: .relaxed)
        if acknowledgement.duplicate { duplicateBatches.wrappingAdd(1, ordering: .relaxed); return }
        rows.wrappingAdd(acknowledgement.rows, ordering: .relaxed)
        points.wrappingAdd(acknowledgement.points, ordering: .relaxed)
    }
}
