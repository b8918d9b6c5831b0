import Testing
import TrackModel
import TrackStore
@testable import TrackServer

@Suite("Change coalescer") struct ChangeCoalescerTests {
    let run = RunID("aaaaaaaa")!

    private func rows(_ rows: Int, _ metrics: [String] = ["loss"]) -> StoreChange {
        .rows(project: "p", run: run, lastStep: Int64(rows), rows: rows, points: rows, metrics: metrics)
    }

    @Test("tells of a quiet run at once") func immediate() {
        var coalescer = ChangeCoalescer()

        #expect(coalescer.add(rows(1), at: 10).isEmpty)

        #expect(coalescer.nextDue == 10)
        #expect(coalescer.take(at: 10) == [.rows(.init(project: "p", run: run, lastStep: 1, rows: 1, points: 1, metrics: ["loss"]))])
        #expect(coalescer.nextDue == nil)
    }

    @Test("merges what follows within half a second: latest totals, all names") func merges() {
        var coalescer = ChangeCoalescer()
        _ = coalescer.add(rows(1), at: 10)
        _ = coalescer.take(at: 10)

        _ = coalescer.add(rows(2, ["a"]), at: 10.1)
        _ = coalescer.add(rows(3, ["b"]), at: 10.2)

        #expect(coalescer.take(at: 10.4).isEmpty)
        #expect(coalescer.nextDue == 10.5)
        #expect(coalescer.take(at: 10.5) == [.rows(.init(project: "p", run: run, lastStep: 3, rows: 3, points: 3, metrics: ["a", "b"]))])
    }

    @Test("tells of each run at most twice a second, and loses nothing, however fast it logs") func rate() {
        var coalescer = ChangeCoalescer()
        var told: [LiveEvent] = []

        for tick in 0..<10_000 {
            let now = Double(tick) / 1_000
            _ = coalescer.add(rows(tick), at: now)
            told += coalescer.take(at: now)
        }
        told += coalescer.take(at: 100)

        #expect((20...21).contains(told.count))
        guard case .rows(let last)? = told.last else { Issue.record("no rows"); return }
        #expect(last.rows == 9_999)
    }

    @Test("tells of a deletion at once and drops what waited") func deletion() {
        var coalescer = ChangeCoalescer()
        _ = coalescer.add(rows(1), at: 0)

        #expect(coalescer.add(.deleted(project: "p", run: run), at: 0) == [.deleted(.init(project: "p", run: run))])

        #expect(coalescer.take(at: 10).isEmpty)
    }

    @Test("keeps every event, the greatest log total and all histogram names") func kinds() {
        var coalescer = ChangeCoalescer()
        let note = RunEvent(time: 1, kind: "note", title: "a")
        for change: StoreChange in [
            .logs(project: "p", run: run, total: 5), .logs(project: "p", run: run, total: 3),
            .histograms(project: "p", run: run, names: ["w"]), .histograms(project: "p", run: run, names: ["v"]),
            .events(project: "p", run: run, [note]), .events(project: "p", run: run, [note]),
        ] { _ = coalescer.add(change, at: 1) }

        #expect(coalescer.take(at: 1) == [
            .histograms(.init(project: "p", run: run, names: ["v", "w"])), .logs(.init(project: "p", run: run, total: 5)),
            .runEvents(.init(project: "p", run: run, events: [note, note])),
        ])
    }
}
