import Testing
@testable import Track

@Suite("What delivery decides") struct DeliveryTests {
    let created = #"{"run":{"id":"aaaaaaaa","project":"p","name":"n","state":"running","live":true,"tags":[],"color":0,"number":1,"createdAt":0,"startedAt":0,"heartbeatAt":0,"duration":0,"rows":0,"points":0},"attempt":1,"resumed":false,"nextStep":0}"#
    let stored = #"{"run":"aaaaaaaa","writer":"w","sequence":1,"rows":1,"points":1,"duplicate":false}"#
    let rows = Delivery.Waiting(records: true)
    let run = RunID("aaaaaaaa")!

    private func sent(_ rows: Int) -> Delivery.SentBatch { .init(run: run, writer: "w", sequence: 1, records: rows) }

    private func answer(_ status: Int, _ body: String = "", retryAfter: Duration? = nil) -> HTTPAnswer {
        .answered(status: status, body: Array(body.utf8), retryAfter: retryAfter)
    }

    private func error(_ status: Int, _ code: String, details: String = "{}") -> HTTPAnswer {
        answer(status, #"{"error":{"code":"\#(code)","message":"because","details":\#(details)}}"#)
    }

    private func ready() -> Delivery {
        var delivery = Delivery(seed: 1)
        #expect(delivery.creationAnswered(answer(201, created), of: run, at: .zero) == .accepted)
        return delivery
    }

    @Test("a batch that is refused meets the right fate, and the user hears of it once")
    func fates() {
        let table: [(HTTPAnswer, Delivery.Verdict, String?)] = [
            (answer(429, retryAfter: .seconds(7)), .again, nil),
            (answer(408), .again, nil),
            (answer(503), .again, nil),
            (answer(507), .again, "disk"),
            (.failed(.timedOut("t")), .again, "transport:down"),
            (.failed(.notTrusted("self-signed")), .again, "transport:trust"),
            (error(401, "unauthorized"), .parked, "key"),
            (error(403, "forbidden"), .parked, "key"),
            (error(413, "body_too_large"), .smaller, nil),
            (error(409, "sequence_gap", details: #"{"expected":5}"#), .renumber(5), "gap"),
            (error(404, "unknown_run"), .createAgain, nil),
            (error(422, "invalid_batch"), .smaller, "refused"),
            (answer(404, "<html>"), .parked, "foreign"),
            (answer(200, "<html>"), .parked, "foreign"),
            (answer(200, stored), .accepted, nil),
            (answer(200, stored.replacing("\"sequence\":1", with: "\"sequence\":0")), .stray, nil),        // the answer before, once more
            (answer(200, stored.replacing("\"w\"", with: "\"other\"")), .stray, nil),
            (answer(200, created), .stray, nil),
            (answer(301, "<html>"), .parked, "foreign"),
            (.failed(.unreachable("no host")), .again, "transport:down"),
            (.failed(.other("transfer closed with 12 bytes remaining")), .again, "transport:down"),
            (.failed(.interrupted), .again, nil),
        ]
        for (answer, verdict, notice) in table {
            var delivery = ready()
            #expect(delivery.batchAnswered(answer, to: sent(100), at: .seconds(1)) == verdict)
            _ = delivery.batchAnswered(answer, to: sent(100), at: .seconds(2))
            #expect(delivery.takeNotices().map(\.kind) == (notice.map { [$0] } ?? []))
        }
    }

    @Test("a server that is down for an hour is asked ever less often, at most once a minute, and at once when it is back") func anHour() {
        var delivery = ready(), now = Duration.seconds(1), asked = 0
        while now < .seconds(3_600) {
            switch delivery.next(at: now, waiting: rows) {
            case .send:
                asked += 1
                #expect(delivery.batchAnswered(answer(503), to: sent(1), at: now) == .again)
            case .wait(let pause):
                #expect(pause <= .seconds(60))
                now += pause
            default: Issue.record("only sending and waiting are due")
            }
        }
        #expect((60...140).contains(asked))

        delivery.hurry()
        #expect(delivery.next(at: now, waiting: rows) == .send(BatchBuilder.Limit()))
        #expect(delivery.batchAnswered(answer(200, stored), to: sent(1), at: now) == .accepted)
        #expect(delivery.next(at: now + .milliseconds(200), waiting: rows) == .send(BatchBuilder.Limit()))
    }

    @Test("a run that cannot be created waits for somebody to change something, and does not ask all the time") func creationRefused() {
        for refusal in [error(413, "body_too_large"), error(409, "run_exists"), error(401, "unauthorized"), answer(502, ""), .failed(.timedOut("t"))] {
            var delivery = Delivery(seed: 1)
            let verdict = delivery.creationAnswered(refusal, of: run, at: .zero)

            #expect(verdict == .parked || verdict == .again)
            guard case .wait(let pause) = delivery.next(at: .zero, waiting: rows) else { Issue.record("asks again at once"); continue }
            #expect(pause >= (verdict == .parked ? .seconds(60) : .milliseconds(125)))
        }
    }

    @Test("Retry-After is kept") func retryAfter() {
        var delivery = ready()
        _ = delivery.batchAnswered(answer(429, retryAfter: .seconds(30)), to: sent(1), at: .seconds(10))

        #expect(delivery.next(at: .seconds(10), waiting: rows) == .wait(.seconds(30)))
    }

    @Test("a batch that is too large is halved down to one row, then put aside; later ones grow again") func halving() {
        var delivery = ready(), limits: [Int] = []
        while delivery.batchAnswered(error(413, "body_too_large"), to: sent(delivery.limit.rows), at: .zero) == .smaller {
            limits.append(delivery.limit.rows)
            if limits.count > 40 { break }
        }

        #expect(limits.last == 1 && limits.count == 17)
        _ = delivery.batchAnswered(answer(200, stored), to: sent(1), at: .zero)
        #expect(delivery.limit.rows == 2)
    }

    @Test("of a refused batch the record at fault is found by halving; a server that refuses everything is not asked about each") func isolating() {
        var delivery = ready(), asked = 1
        while delivery.batchAnswered(error(422, "invalid_batch"), to: sent(delivery.limit.rows), at: .zero) == .smaller { asked += 1 }
        #expect(asked == 18 && delivery.limit.rows == 1)

        for _ in 2...8 { #expect(delivery.batchAnswered(error(422, "invalid_batch"), to: sent(1), at: .zero) == .putAside) }
        #expect(delivery.limit == BatchBuilder.Limit())
        #expect(delivery.batchAnswered(error(422, "invalid_batch"), to: sent(5_000), at: .zero) == .putAside)

        _ = delivery.batchAnswered(answer(200, stored), to: sent(1), at: .zero)
        #expect(delivery.batchAnswered(error(422, "invalid_batch"), to: sent(5_000), at: .zero) == .smaller)
    }

    @Test("rows gather for a fifth of a second unless somebody waits or more is there; silence brings a heartbeat") func pace() {
        var delivery = ready()
        _ = delivery.batchAnswered(answer(200, stored), to: sent(1), at: .seconds(100))

        #expect(delivery.next(at: .seconds(100), waiting: rows) == .wait(.milliseconds(200)))
        #expect(delivery.next(at: .seconds(100), waiting: Delivery.Waiting(records: true, isUrgent: true)) == .send(BatchBuilder.Limit()))
        #expect(delivery.next(at: .seconds(100), waiting: Delivery.Waiting(records: true, isBacklog: true)) == .send(BatchBuilder.Limit()))
        #expect(delivery.next(at: .seconds(115), waiting: Delivery.Waiting()) == .heartbeat)
        #expect(delivery.next(at: .seconds(100), waiting: Delivery.Waiting(hasEnded: true)) == .finish)
    }

    @Test("the waits differ between clients, double, and end at a minute") func backoff() {
        var one = Backoff(seed: 1), other = Backoff(seed: 2)
        let waits = (0..<12).map { _ in one.next() }

        #expect(waits != (0..<12).map { _ in other.next() })
        for (index, wait) in waits.enumerated() {
            let whole = min(Duration.milliseconds(250) * (1 << index), .seconds(60))
            #expect(wait >= whole / 2 && wait <= whole)
        }
    }
}
