import Foundation
import Testing
@testable import Track

/// Spools of released versions stay readable: `Fixtures/spool-1` was written once and is never written again.
///
/// `TRACK_UPDATE_FIXTURES=1 swift test --filter FixtureTests` writes one for a version that has none yet.
@Suite("A spool of version 1") struct FixtureTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/spool-1").path

    @Test("is delivered to the last row") func read() async throws {
        if ProcessInfo.processInfo.environment["TRACK_UPDATE_FIXTURES"] == "1" { try write() }
        let fake = FakeTrack(), copy = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        try FileManager.default.copyItem(atPath: Self.folder, toPath: copy.path + "/spool")

        let report = try await Spool.sync(settings: copy.settings(url: server.url))

        let stored = try #require(fake.run("fixtures"))
        #expect(report.delivered == 1 && report.rows == 42 && report.points == 83 && copy.files("spool").isEmpty)
        #expect(stored.rows.map(\.step) == (0..<40).map { $0 } + [1_000_000_000_000, -7])
        #expect(stored.rows[..<40].allSatisfy { $0.values["loss"] == Double($0.step) / 3 && $0.values["half"] == Double($0.step) / 2 && $0.time == 1_700_000_000_000_000 + $0.step })
        #expect(stored.rows[40].values == ["loss": .infinity, "näme/日本": 0.5] && stored.rows[41].values["loss"]?.isNaN == true)
        #expect(stored.extras.histograms?.first?.counts == [1, 3] && stored.extras.config == ["lr": 0.1] && stored.extras.events?.map(\.title) == ["saved"])
        #expect(stored.finished?.state == .failed && stored.finished?.exitCode == 3)
        #expect(stored.finished?.report?["loggedRows"] == .integer(42) && stored.finished?.report?["droppedRows"] == .integer(5))
    }

    /// Writes what ``read()`` expects, in segments of a page.
    private func write() throws {
        let run = Self.folder + "/fixtures"
        try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
        let request = CreateRunRequest(id: RunID("fixtures"), project: "p", config: ["lr": 0.1], idempotencyKey: "w1")
        close(try Manifest(writer: "w1", url: nil, request: request, leads: true, process: 1, startedAt: 1_700_000_000_000).save(to: run + "/w1.json"))
        let pages = Pages(folder: run), collector = Collector(supply: pages)
        for step in 0..<40 as Range<Int64> { log(["loss": Double(step) / 3, "half": Double(step) / 2], step, 1_700_000_000_000_000 + step, collector) }
        log(["loss": .infinity, "näme/日本": 0.5], 1_000_000_000_000, 1_700_000_001_000_000, collector)
        log(["loss": .nan], -7, 1_600_000_000_000_000, collector)
        collector.append(kind: SpoolFormat.Kind.histogram, payload: HistogramRecord(of: [0, 1, 1, 2, .nan], name: "w", step: 7, time: 8, bins: 2).spooled())
        collector.append(kind: SpoolFormat.Kind.extras, payload: encode(BatchExtras(
            config: ["lr": 0.1], events: [RunEvent(step: 7, time: 9, kind: "checkpoint", title: "saved", text: nil)])))
        collector.append(kind: SpoolFormat.Kind.end, payload: encode(EndRecord(state: .failed, exitCode: 3, report: ["p50_us": 0.3])))
        pages.isFull = true
        for step in 0..<5 as Range<Int64> { log(Dictionary(uniqueKeysWithValues: (0..<400).map { ("m\($0)", 1) }), step, 0, collector) }
        collector.close()
    }

    private func log(_ values: KeyValuePairs<String, Double>, _ step: Int64, _ time: Int64, _ collector: Collector) {
        log(values.map { ($0.key, $0.value) }, step, time, collector)
    }

    private func log(_ values: [String: Double], _ step: Int64, _ time: Int64, _ collector: Collector) {
        log(values.map { ($0.key, $0.value) }, step, time, collector)
    }

    private func log(_ pairs: [(String, Double)], _ step: Int64, _ time: Int64, _ collector: Collector) {
        collector.append(pairs.map { RawName($0.0) }, pairs.map(\.1), count: pairs.count, step: step, time: time, names: { pairs.map(\.0) })
    }

    /// Segments of one page.
    private final class Pages: SegmentSupply, @unchecked Sendable {       // one thread uses it
        let folder: String
        var isFull = false
        let largestRecord = 4_000
        init(folder: String) { self.folder = folder }

        func segment(number: UInt32, atLeast bytes: Int, rowsBefore: Int) -> Segment? {
            if isFull { return nil }
            let header = SegmentHeader(run: "fixtures", writer: "w1", number: number, capacity: 4_096, time: 1_700_000_000_000_000)
            let path = folder + "/" + SpoolFormat.segmentName(writer: "w1", number: number)
            let segment = try? Segment.create(path: path, number: number, capacity: 4_096, header: header)
            segment?.begin(rowsBefore: rowsBefore)
            return segment
        }

        func continueAfterFork() -> Bool { false }
    }
}
