import Foundation
import TrackModel

/// Carries one writer's spool to the server: does what ``Delivery`` decides. Confined to one thread.
final class Courier {
    let source: any SpoolSource
    let states: StateFile
    var reader: SpoolReader
    var delivery: Delivery
    let client: HTTPClient
    var manifest: Manifest
    /// A batch that was sent or is about to be, and is not yet answered.
    private var pending: Pending?
    private var lastWasFull = false
    /// Told of every answer to the creation: a response, or why it was refused.
    var onCreation: ((Result<CreateRunResponse, ErrorResponse>) -> Void)?
    /// Told when the creation met no answer.
    var onSilence: (() -> Void)?
    var onNotice: ((Delivery.Notice) -> Void)?
    /// Told as soon as the server has stored a batch: what else is to be done for it, on disk, may take its time.
    var onStored: ((SpoolState) -> Void)?
    /// Where the program hears what is asked of it; `nil` where none listens.
    var commands: CommandDesk?
    /// Completes the delivery receipt when the run is finished.
    var report: ((SpoolState) -> JSONValue?)?
    private let origin = monotonic_ns()

    private struct Pending {
        var body: [UInt8]
        var rows: Int
        var points: Int
        /// Everything that it holds.
        var records: Int
        var start: SpoolReader
        var end: SpoolPosition
        /// Holds nothing, and asks whether the number was used: the rows that were sent under it are no longer here.
        var isQuestion = false
    }

    init(source: any SpoolSource, manifest: Manifest, states: StateFile, client: HTTPClient) {
        (self.source, self.manifest, self.states, self.client) = (source, manifest, states, client)
        reader = SpoolReader(source, from: states.state)
        delivery = Delivery(seed: UInt64(bitPattern: monotonic_ns()) ^ UInt64(getpid()), isCreated: states.state.attempt > 0)
    }

    var state: SpoolState { states.state }
    var isDone: Bool { delivery.isFinished }
    var now: Duration { .nanoseconds(monotonic_ns() - origin) }
    var run: RunID { manifest.request.id! }
    private var writer: String { states.state.writerName(source.writer) }

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

    /// Keeps the state in a file from now on.
    func keepState(in path: String) throws {
        guard try states.move(to: path) else { throw SpoolError.cannotWrite(path: path, reason: "another process delivers this spool") }
    }

    /// Does the next thing, if it is time; returns how long nothing is to be done.
    func turn(isUrgent: Bool, allowsHeartbeat: Bool = true, timeout: Duration = .seconds(60)) -> Duration {
        gather()
        var waiting = Delivery.Waiting(records: pending != nil, isBacklog: lastWasFull, hasEnded: reader.end != nil, isUrgent: isUrgent)
        if let commands { (waiting.isListening, waiting.hasNews, waiting.hasDrifted, waiting.hasAnswer) = commands.outlook }
        defer {
            for notice in delivery.takeNotices() { onNotice?(notice) }
            for command in delivery.takeCommands() { commands?.hear(command) }
        }
        switch delivery.next(at: now, waiting: waiting) {
        case .answer: answer(timeout)
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
        let verdict = delivery.creationAnswered(answer, of: run, at: now)
        guard case .answered(_, let body, _) = answer else { onSilence?(); return }
        if verdict == .stray { client.renew() }
        if verdict == .accepted, let response = try? decode(CreateRunResponse.self, body) {
            var state = states.state
            state.attempt = UInt32(response.attempt)
            states.save(state, durably: false)
            rebuild()
            commands?.tellAgain()
            onCreation?(.success(response))
        } else if let error = try? decode(ErrorResponse.self, body) {
            onCreation?(.failure(error))
        }
    }

    // MARK: Batches

    /// Looks for records and makes a batch of them, unless one waits already.
    private func gather() {
        guard pending == nil, states.state.attempt > 0 else { return }
        let start = reader, until = states.state.inFlight
        let builder = reader.gather(until == nil ? delivery.limit : BatchBuilder.Limit(rows: .max, bytes: .max), until: until)
        lastWasFull = builder.isFull(delivery.limit)
        if let until, builder.rows != Int(states.state.inFlightRows) || reader.position > until { return ask(start, until) }
        guard !builder.isEmpty else {
            // Nothing to send, but declarations and rolls were passed.
            if until != nil { clearFlight() }
            return
        }
        pending = make(builder, start)
    }

    private func make(_ builder: BatchBuilder, _ start: SpoolReader) -> Pending {
        let batch = builder.batch(attempt: Int(max(1, states.state.attempt)), writer: writer, sequence: states.state.sequence)
        return Pending(body: BatchCodec.encode(batch), rows: batch.steps.count, points: batch.points, records: builder.records, start: start, end: reader.position)
    }

    /// Some of the rows that were sent under this number are gone. An empty batch under the same number finds out whether they arrived: the
    /// server calls it a repetition, or stores nothing under it. Either way the number is used up, and the others follow.
    private func ask(_ start: SpoolReader, _ until: SpoolPosition) {
        reader = start
        let batch = Batch(attempt: Int(max(1, states.state.attempt)), writer: writer, sequence: states.state.sequence)
        pending = Pending(body: BatchCodec.encode(batch), rows: 0, points: 0, records: 0, start: start, end: until, isQuestion: true)
    }

    /// The batch that waits carries an attempt or a number that has changed: makes it anew, from the same records.
    private func rebuild() {
        guard let old = pending else { return }
        pending = nil
        reader = old.start
        if old.isQuestion { return ask(old.start, old.end) }
        let builder = reader.gather(BatchBuilder.Limit(rows: .max, bytes: .max), until: old.end)
        if !builder.isEmpty { pending = make(builder, old.start) }
    }

    private func clearFlight() {
        var state = states.state
        (state.inFlight, state.inFlightRows) = (nil, 0)
        states.save(state, durably: false)
    }

    /// Takes in what came since the batch was made, if anything did, unless it was sent already: its rows may have waited for others.
    private func refresh() {
        guard let old = pending, !old.isQuestion, !lastWasFull, states.state.inFlight == nil, hasMore else { return }
        (pending, reader) = (nil, old.start)
        gather()
    }

    /// Whether a record lies behind those of the batch that waits.
    private var hasMore: Bool {
        var ahead = reader
        return !ahead.gather(BatchBuilder.Limit(rows: 1, bytes: 1)).isEmpty
    }

    private func send(_ timeout: Duration) {
        refresh()
        guard let batch = pending else { return }
        if states.state.inFlight != batch.end, !launch(batch) { return delivery.stateCannotBeSaved(at: now) }
        let answer = client.send("POST", "/api/v1/runs/\(run)/batches", body: batch.body, contentType: BatchCodec.contentType, timeout: timeout)
        let sent = Delivery.SentBatch(run: run, writer: writer, sequence: states.state.sequence, records: batch.records)
        switch delivery.batchAnswered(answer, to: sent, at: now) {
        case .accepted where batch.isQuestion: learn(answer, batch)
        case .accepted: advance(batch, stored: true)
        case .again, .parked, .createAgain: break
        case .stray: client.renew()
        case .smaller:
            pending = nil
            clearFlight()
            reader = batch.start
        case .putAside where batch.isQuestion: renew(from: batch)
        case .putAside: putAside(batch)
        case .renumber(let number): renumber(number)
        }
    }

    /// Notes on disk, before the batch leaves, which rows bear its number.
    private func launch(_ batch: Pending) -> Bool {
        let before = states.state
        var state = before
        (state.inFlight, state.inFlightRows) = (batch.end, UInt32(batch.rows))
        if states.save(state, durably: true) { return true }
        states.save(before, durably: false)         // it has not left: the next try notes it again
        return false
    }

    private func renumber(_ number: UInt64) {
        var state = states.state
        if number < state.sequence {
            state.gaps += UInt32(clamping: state.sequence - number)
            if let kept = keptByServer(), kept.rows < state.rows {
                state.lostRows += state.rows - kept.rows
                (state.rows, state.points) = (kept.rows, min(state.points, kept.points))
            }
        }
        state.sequence = number
        states.save(state, durably: true)
        pending = nil
        reader = SpoolReader(source, from: state)       // the next look makes the batch anew, from the same records
    }

    /// The server answers no questions: what is left goes under another name.
    private func renew(from question: Pending) {
        var state = states.state
        (state.sequence, state.epoch, state.inFlight, state.inFlightRows) = (1, state.epoch + 1, nil, 0)
        states.save(state, durably: true)
        pending = nil
        reader = question.start
    }

    private func putAside(_ batch: Pending) {
        let path = source.folder + "/\(source.writer)-\(states.state.sequence)-\(batch.end.segment)-\(batch.end.offset).refused"
        do { try writeWhole(batch.body, to: path) } catch { onNotice?(.init(kind: "refused-lost", text: "\(error) A refused batch of \(batch.rows) rows is not kept.")) }
        advance(batch, stored: false)
    }

    private func learn(_ answer: HTTPAnswer, _ question: Pending) {
        guard case .answered(_, let body, _) = answer, let known = try? decode(BatchAcknowledgement.self, body) else { return }
        var state = states.state
        if known.duplicate {        // they had arrived: what is left of them here is not sent again
            _ = reader.gather(BatchBuilder.Limit(rows: .max, bytes: .max), until: question.end)
            state.rows += UInt64(state.inFlightRows)
            state.lostRows = max(reader.rowsSoFar, state.passedRows) - state.rows - state.refusedRows
        }
        state.sequence += 1
        (state.inFlight, state.inFlightRows) = (nil, 0)
        state.acknowledged = known.duplicate ? max(reader.position, question.end) : state.acknowledged
        states.save(state, durably: true)
        pending = nil
        reader = SpoolReader(source, from: states.state)
    }

    private func advance(_ batch: Pending, stored: Bool) {
        var state = states.state
        let oldSegment = state.acknowledged.segment
        state.acknowledged = batch.end
        (state.inFlight, state.inFlightRows) = (nil, 0)
        (state.lostRows, state.gaps) = (reader.lostRows, max(state.gaps, reader.gaps))
        if stored {
            state.sequence += 1
            state.rows += UInt64(batch.rows)
            state.points += UInt64(batch.points)
        } else {
            state.refusedRows += UInt64(batch.rows)
        }
        let isSaved = states.save(state, durably: false)
        pending = nil
        onStored?(state)
        if batch.end.segment > oldSegment, isSaved, states.synchronize() { source.release(before: batch.end.segment, passedRows: state.passedRows) }
    }
}
