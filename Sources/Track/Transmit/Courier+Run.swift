import TrackModel

/// What is told to the server, and asked of it, about the run as a whole.
extension Courier {
    func beat(_ timeout: Duration) {
        struct Sign: Encodable { var attempt: UInt32, listens: [CommandKind]?, declares: [DeclaredValue]? }
        let news = commands?.news
        let body = encode(Sign(attempt: max(1, states.state.attempt), listens: news?.kinds, declares: news?.values))
        let isHeard = delivery.heartbeatAnswered(client.send("POST", "/api/v1/runs/\(run)/heartbeat", body: body, timeout: timeout), at: now)
        if let news, isHeard { commands?.wereTold(news) }
    }

    /// Tells the server what the program says to a command. What it does not take is said nowhere: the run may be over, or another process was first.
    func answer(_ timeout: Duration) {
        guard let answer = commands?.nextAnswer else { return }
        let reply = client.send("PATCH", "/api/v1/runs/\(run)/commands/\(answer.command)", body: encode(answer.body), timeout: timeout)
        if delivery.commandAnswered(reply, at: now) { commands?.wasSent(answer) }
    }

    func finish(_ timeout: Duration) {
        guard let end = reader.end else { return delivery.finishWithoutServer() }
        let receipt = report?(states.state) ?? RunReport.completed(end.report, rows: reader.rowsSoFar, tally: reader.tally, states.state)
        let answer = tell(receipt, end: manifest.leads ? (end.state, end.exitCode) : nil, timeout)
        if delivery.finishAnswered(answer, of: run, at: now) == .stray { client.renew() }
        guard delivery.isFinished else { return }
        var state = states.state
        state.ended = true
        states.save(state, durably: false)
    }

    /// - Parameter end: How the run ended, if that is this writer's to say; else only its receipt is told.
    private func tell(_ receipt: JSONValue, end: (state: RunState, exitCode: Int?)?, _ timeout: Duration) -> HTTPAnswer {
        guard let end else {
            return client.send("PUT", "/api/v1/runs/\(run)/receipts/\(source.writer)", body: encode(receipt), timeout: timeout)
        }
        let request = FinishRunRequest(state: end.state, exitCode: end.exitCode, report: receipt, writer: source.writer)
        return client.send("POST", "/api/v1/runs/\(run)/finish", body: encode(request), timeout: timeout)
    }

    /// Says what became of a writer whose process is gone without a word, from what the spool shows; and the end of its run, if nobody took it up.
    /// - Returns: Whether the server has taken it.
    func closeAbandoned() -> Bool {
        let receipt = RunReport.completed(nil, rows: reader.rowsSoFar, tally: reader.tally, states.state)
        let answer = tell(receipt, end: manifest.leads && isCurrentAttempt ? (.killed, nil) : nil, .seconds(30))
        // A server that knows no receipts, or no longer the run, is no reason to keep what is delivered.
        if case .answered(let status, _, _) = answer { return status < 500 && status != 401 && status != 403 && status != 429 }
        return false
    }

    /// What the server has of this writer, under all of its names; `nil` if it does not say.
    func keptByServer() -> (rows: UInt64, points: UInt64)? {
        guard case .answered(200, let body, _) = client.send("GET", "/api/v1/runs/\(run)/writers", timeout: .seconds(10)),
              let list = try? decode(WriterList.self, body) else { return nil }
        let own = list.writers.filter { $0.name == source.writer || $0.name.hasPrefix(source.writer + ".") }
        guard own.allSatisfy({ $0.rows != nil }) else { return nil }
        return own.reduce((0, 0)) { ($0.0 + UInt64($1.rows ?? 0), $0.1 + UInt64($1.points ?? 0)) }
    }

    /// Whether the server knows no later attempt than this writer's, and still takes the run for running.
    var isCurrentAttempt: Bool {
        guard case .answered(200, let body, _) = client.send("GET", "/api/v1/runs/\(run)", timeout: .seconds(10)),
              let record = try? decode(RunRecord.self, body) else { return true }
        return record.state == .running && (record.attempts?.map(\.number).max() ?? 0) <= Int(states.state.attempt)
    }
}
