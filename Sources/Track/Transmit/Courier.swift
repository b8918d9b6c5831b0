import Foundation
import TrackModel

/// Carries one writer's spool to the server: does what ``Delivery`` decides. Confined to one thread.
final class Courier {
    let source: any SpoolSource
    private let states: StateFile
    private var reader: SpoolReader
    private var delivery: Delivery
    private let client: HTTPClient
    private var manifest: Manifest
    /// A batch that was sent or is about to be, and is not yet answered.
    private var pending: Pending?
    private var lastWasFull = false
    /// Told of every answer to the creation: a response, or why it was refused.
    var onCreation: ((Result<CreateRunResponse, ErrorResponse>) -> Void)?
    /// Told when the creation met no answer.
    var onSilence: (() -> Void)?
    var onNotice: ((String) -> Void)?
    /// Completes the delivery receipt when the run is finished.
    var report: ((SpoolState) -> JSONValue?)?
    private let origin = monotonic_ns()

    private struct Pending {
        var body: [UInt8]
        var rows: Int
        var points: Int
        var start: SpoolReader
        var end: SpoolPosition
        var isNumbered = true
    }

    init(source: any SpoolSource, manifest: Manifest, states: StateFile, client: HTTPClient) {
        (self.source, self.manifest, self.states, self.client) = (source, manifest, states, client)
        reader = SpoolReader(source, from: states.state.acknowledged)
        delivery = Delivery(seed: UInt64(bitPattern: monotonic_ns()) ^ UInt64(getpid()), isCreated: states.state.attempt > 0)
    }

    var state: SpoolState { states.state }
    var isDone: Bool { delivery.isFinished }
    private var now: Duration { .nanoseconds(monotonic_ns() - origin) }
    private var run: RunID { manifest.request.id! }

    /// Whether everything written so far is stored by the server. Looks for more.
    var isDrained: Bool {
        gather()
        return pending == nil
    }

    /// The end that the writer has declared, once everything before it is read.
    var end: EndRecord? { reader.end }

    func hurry() { delivery.hurry() }

    /// Whether somebody must change something before more can be delivered.
    var isParked: Bool { delivery.isParked }

    /// Whether the server knows no later attempt than this writer's, and still takes the run for running.
    var isCurrentAttempt: Bool {
        guard case .answered(200, let body, _) = client.send("GET", "/api/v1/runs/\(run)", timeout: .seconds(10)),
              let record = try? decode(RunRecord.self, body) else { return true }
        return record.state == .running && (record.attempts?.map(\.number).max() ?? 0) <= Int(states.state.attempt)
    }

    /// Does the next thing, if it is time; returns how long nothing is to be done.
    func turn(isUrgent: Bool, allowsHeartbeat: Bool = true, timeout: Duration = .seconds(60)) -> Duration {
        gather()
        let waiting = Delivery.Waiting(records: pending != nil, isBacklog: lastWasFull, hasEnded: reader.end != nil, isUrgent: isUrgent)
        defer { for notice in delivery.takeNotices() { onNotice?(notice.text) } }
        switch delivery.next(at: now, waiting: waiting) {
        case .create: create(timeout)
        case .send: send(timeout)
        case .heartbeat: if allowsHeartbeat { beat(timeout) } else { return .seconds(15) }
        case .finish: finish(timeout)
        case .done: return .seconds(3_600)
        case .wait(let duration): return duration
        }
        return .zero
    }

    private func create(_ timeout: Duration) {
        let answer = client.send("POST", "/api/v1/runs", body: encode(manifest.request), timeout: timeout)
        let verdict = delivery.creationAnswered(answer, at: now)
        guard case .answered(_, let body, _) = answer else { onSilence?(); return }
        if verdict == .accepted, let response = try? decode(CreateRunResponse.self, body) {
            var state = states.state
            state.attempt = UInt32(response.attempt)
            states.save(state, durably: false)
            rebuild()
            onCreation?(.success(response))
        } else if let error = try? decode(ErrorResponse.self, body) {
            onCreation?(.failure(error))
        }
    }

    /// Looks for records and makes a batch of them, unless one waits already.
    private func gather() {
        guard pending == nil, states.state.attempt > 0 else { return }
        let start = reader
        let until = states.state.inFlight
        let builder = reader.gather(until == nil ? delivery.limit : BatchBuilder.Limit(rows: .max, bytes: .max), until: until)
        lastWasFull = builder.isFull(delivery.limit)
        guard !builder.isEmpty else {
            // Nothing to send, but declarations and rolls were passed.
            if until != nil, reader.position >= until! { clearFlight() }
            return
        }
        pending = make(builder, start)
    }

    private func make(_ builder: BatchBuilder, _ start: SpoolReader) -> Pending {
        let batch = builder.batch(attempt: Int(max(1, states.state.attempt)), writer: source.writer, sequence: states.state.sequence)
        return Pending(body: BatchCodec.encode(batch), rows: batch.steps.count, points: batch.points, start: start, end: reader.position)
    }

    /// The batch that waits carries an attempt or a number that has changed: makes it anew, from the same records.
    private func rebuild() {
        guard let old = pending else { return }
        pending = nil
        reader = old.start
        let builder = reader.gather(BatchBuilder.Limit(rows: .max, bytes: .max), until: old.end)
        if !builder.isEmpty { pending = make(builder, old.start) }
    }

    private func clearFlight() {
        var state = states.state
        state.inFlight = nil
        states.save(state, durably: false)
    }

    private func send(_ timeout: Duration) {
        guard let batch = pending else { return }
        if states.state.inFlight != batch.end {
            var state = states.state
            state.inFlight = batch.end
            states.save(state, durably: true)
        }
        let answer = client.send("POST", "/api/v1/runs/\(run)/batches", body: batch.body, contentType: BatchCodec.contentType, timeout: timeout)
        switch delivery.batchAnswered(answer, rows: batch.rows, at: now) {
        case .accepted: advance(batch, counted: true)
        case .again, .parked, .createAgain: break
        case .smaller:
            pending = nil
            clearFlight()
            reader = batch.start
        case .putAside:
            try? writeWhole(batch.body, to: source.folder + "/\(source.writer)-\(states.state.sequence)-\(batch.end.offset).refused")
            advance(batch, counted: false)
        case .renumber(let number): renumber(number)
        case .anotherWriter: renumber(states.state.sequence + 1)
        }
    }

    private func renumber(_ number: UInt64) {
        var state = states.state
        state.sequence = number
        states.save(state, durably: true)
        rebuild()
    }

    private func advance(_ batch: Pending, counted: Bool) {
        var state = states.state
        let oldSegment = state.acknowledged.segment
        state.acknowledged = batch.end
        state.inFlight = nil
        if counted {
            state.sequence += 1
            state.rows += UInt64(batch.rows)
            state.points += UInt64(batch.points)
        }
        states.save(state, durably: batch.end.segment > oldSegment)
        pending = nil
        if batch.end.segment > oldSegment { source.release(before: batch.end.segment) }
    }

    private func beat(_ timeout: Duration) {
        let body = Array("{\"attempt\":\(max(1, states.state.attempt))}".utf8)
        delivery.heartbeatAnswered(client.send("POST", "/api/v1/runs/\(run)/heartbeat", body: body, timeout: timeout), at: now)
    }

    private func finish(_ timeout: Duration) {
        guard manifest.leads, let end = reader.end else { return delivery.finishWithoutServer() }
        let request = FinishRunRequest(state: end.state, exitCode: end.exitCode, report: report?(states.state) ?? end.report)
        delivery.finishAnswered(client.send("POST", "/api/v1/runs/\(run)/finish", body: encode(request), timeout: timeout), at: now)
        guard delivery.isFinished else { return }
        var state = states.state
        state.ended = true
        states.save(state, durably: false)
    }

    /// Says the end of a run whose process is gone without a word.
    func finish(as state: RunState) {
        guard manifest.leads else { return }
        let request = FinishRunRequest(state: state)
        _ = client.send("POST", "/api/v1/runs/\(run)/finish", body: encode(request), timeout: .seconds(30))
    }
}
