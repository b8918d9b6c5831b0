import Foundation
import TrackHealth
import TrackModel
import TrackSeries
import TrackStore

/// Examines runs, one at a time, and keeps what was found. Confined to the monitor's thread.
///
/// Of runs that go on it remembers how far it was, within ``mostBytes``; one that was forgotten is read again from its beginning.
final class RunExaminer {
    static let mostBytes = 24 << 20

    private struct Held: PointReader {
        var examination = RunExamination()
        var mark: ExaminationMark?
        var kept: [Finding]?
        var lastUse = 0

        mutating func forget() { examination = RunExamination() }
        func lastStep(of metric: String) -> Int64? { examination.lastStep(of: metric) }
        mutating func take(_ points: SeriesPoints, of metric: String, goal: MetricDefinition.Goal?) { examination.take(points, of: metric, goal: goal) }
    }

    private let store: any HealthStore
    private var held: [RunID: Held] = [:]
    private var bytes = 0
    private var uses = 0

    init(store: any HealthStore) { self.store = store }

    /// Looks at what is new of a run.
    /// - Returns: How many points that were, and whether the findings are others now.
    func examine(_ run: RunID) throws -> (points: Int, isChanged: Bool) {
        var examined = take(run)
        let reading: RunReading
        do {
            reading = try store.readNew(of: run, after: examined.mark, into: &examined)
        } catch StoreError.unknownRun {
            return (0, false)
        }
        let facts = RunFacts(state: reading.state, heartbeatAt: reading.heartbeatAt, now: now(), lastStep: reading.lastStep, config: reading.config)
        let findings = examined.examination.findings(facts)
        let isOver = reading.state != .running
        var isChanged = false
        if isOver || findings != examined.kept { isChanged = try store.keepExamination(isOver ? reading.mark : nil, findings: findings, of: run) }
        if !isOver {
            (examined.mark, examined.kept) = (reading.mark, findings)
            keep(examined, run)
        }
        return (reading.points, isChanged)
    }

    func forget(_ run: RunID) { _ = take(run) }

    /// Writes how far each run was looked at, so that the next start need not begin anew with those that do not grow meanwhile.
    func leave() {
        for (run, examined) in held { _ = try? store.keepExamination(examined.mark, findings: examined.kept ?? [], of: run) }
        (held, bytes) = ([:], 0)
    }

    private func take(_ run: RunID) -> Held {
        guard let examined = held.removeValue(forKey: run) else { return Held() }
        bytes -= examined.examination.bytes
        return examined
    }

    private func keep(_ examined: Held, _ run: RunID) {
        uses += 1
        bytes += examined.examination.bytes
        held[run] = examined
        held[run]!.lastUse = uses
        while bytes > Self.mostBytes, let oldest = held.min(by: { $0.value.lastUse < $1.value.lastUse })?.key { forget(oldest) }
    }
}
