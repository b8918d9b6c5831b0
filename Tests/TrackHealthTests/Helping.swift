import Foundation
import SeededRandom
import TrackModel
import TrackSeries
@testable import TrackHealth

/// Points at steps 0, 1, 2 …, one a second.
func points(_ values: [Double], from step: Int = 0, seconds: Double = 1) -> SeriesPoints {
    SeriesPoints(steps: values.indices.map { Int64(step + $0) }, times: values.indices.map { Int64(Double(step + $0) * seconds * 1e6) }, values: values)
}

/// Falls from 2.3 to 0.3, with noise that is large at first, as the loss of a batch does.
func fallingLoss(_ count: Int, tau: Double = 0.3, noise: Double = 0.1, seed: UInt64 = 1) -> [Double] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { step in
        let level = 0.3 + 2 * exp(-Double(step) / (tau * Double(count)))
        return level * (1 + noise * random.gauss())
    }
}

func facts(_ state: RunState = .finished, silentFor: Int64 = 0, config: JSONValue? = nil) -> RunFacts {
    RunFacts(state: state, heartbeatAt: 1_000_000, now: 1_000_000 + silentFor, lastStep: 99, config: config)
}

/// What is found in these series.
func findings(_ series: KeyValuePairs<String, [Double]>, _ facts: RunFacts = facts(), seconds: Double = 1) -> [Finding] {
    var examination = RunExamination()
    for (name, values) in series { examination.take(points(values, seconds: seconds), of: name) }
    return examination.findings(facts)
}

func kinds(_ series: KeyValuePairs<String, [Double]>, _ facts: RunFacts = facts(), seconds: Double = 1) -> [FindingKind] {
    findings(series, facts, seconds: seconds).map(\.kind)
}

extension Finding {
    func number(_ name: String) -> Double? { numbers.first { $0.name == name }?.value }
    var steps: ClosedRange<Int64>? { firstStep.map { $0...lastStep! } }
}
