import Foundation
import SeededRandom
import Testing
import TrackModel
@testable import TrackHealth

@Suite("Rules of gradients, rates and machines") struct TrainingRuleTests {
    @Test("very large gradients: an error while they go on, worth knowing once they have settled") func exploding() {
        let calm = [Double](repeating: 2, count: 200)

        let now = findings(["grad_norm": calm + [1_495_043.625]]), before = findings(["grad_norm": [1_495_043.625, 2e5, 3e3] + calm])

        #expect(now.map(\.kind) == [.explodingGradients] && now[0].severity == .error && now[0].steps == 200...200)
        #expect(before[0].severity == .info && before[0].number("points concerned") == 3 && before[0].number("usual") == 2)
        #expect(kinds(["grad_norm": calm + [201]]) == [.explodingGradients])             // 100 times the usual
        #expect(findings(["grad_norm": calm + [1_500]])[0].severity == .warning)
        #expect(kinds(["grad_norm": calm + [150]]) == [])
        #expect(kinds(["grad_norm": calm.map { $0 * 1e-4 } + [0.1]]) == [])              // many times the usual, and still small
    }

    @Test("gradients of nearly nothing matter while the loss is not small") func vanishing() {
        let none = [Double](repeating: 1, count: 5) + [Double](repeating: 1e-9, count: 20)

        #expect(kinds(["grad_norm": none, "loss": fallingLoss(100)]) == [.vanishingGradients])
        #expect(findings(["grad_norm": none])[0].steps == 5...24)
        #expect(kinds(["grad_norm": none, "loss": fallingLoss(100).map { $0 - 0.3 }.map { abs($0) * 1e-4 }]) == [])
        #expect(kinds(["grad_norm": none + [0.002], "loss": fallingLoss(100)]) == [])
    }

    @Test("dead units as a share or in percent") func dead() {
        let share = (0..<100).map { Double($0) / 105 }

        #expect(findings(["relu1/dead_fraction": share]).map(\.severity) == [.error])
        #expect(findings(["relu1/dead_fraction": share.map { $0 * 70 }]).map(\.severity) == [.warning])
        #expect(findings(["relu1/dead_fraction": share.map { $0 / 4 }]) == [])
        #expect(findings(["relu1/dead_count": share.map { $0 * 4_000 }]) == [])
    }

    @Test("a rate of 0 counts only while the run goes on, and a warm-up may begin at it") func zeroRate() {
        let rate = [0.1, 0.05, 0, 0, 0]

        #expect(findings(["train/learning_rate": rate], facts(.running)).map(\.kind) == [.zeroRate])
        #expect(findings(["train/learning_rate": rate], facts(.running))[0].steps == 2...4)
        #expect(kinds(["train/learning_rate": rate]) == [])
        #expect(kinds(["lr": [0, 0, 0]], facts(.running)) == [])
        #expect(kinds(["lr": [Double](repeating: 0, count: 100)], facts(.running)) == [.zeroRate])
    }

    @Test("a rate above every one in the config, by whatever name") func highRate() {
        let config: JSONValue = ["optimizer": ["lr": 0.001, "max_lr": 0.01], "lr_decay": 9]

        #expect(kinds(["lr": [0.001, 0.01]], facts(config: config)) == [])
        #expect(findings(["lr": [0.001, 0.02, 0.01]], facts(config: config)).map { [$0.kind.rawValue, $0.severity.rawValue] } == [["high-rate", "info"]])
        #expect(findings(["lr": [0.001, 0.5]], facts(config: config))[0].severity == .warning)
        #expect(kinds(["lr": [5]], facts(config: ["layers": 3])) == [])
    }

    @Test("half the throughput is a drop, a slow beginning is none") func throughput() {
        let usual = [Double](repeating: 900, count: 200)

        #expect(findings(["samples_per_second": usual + [Double](repeating: 300, count: 50)]).map(\.kind) == [.throughput])
        #expect(findings(["tokens_per_second": usual + [Double](repeating: 300, count: 50)])[0].firstStep! >= 195)
        #expect(kinds(["samples_per_second": [Double](repeating: 300, count: 50) + usual]) == [])
        #expect(kinds(["samples_per_second": usual + [Double](repeating: 600, count: 50)]) == [])
    }

    @Test("a GPU that waits half of the time") func idle() {
        let busy = [Double](repeating: 95, count: 30), idle = [Double](repeating: 3, count: 30)

        #expect(kinds(["system/gpu.0.utilization": busy + idle]) == [.idleGPU])
        #expect(kinds(["system/gpu.0.utilization": busy + idle.dropLast()]) == [])
        #expect(kinds(["system/gpu.0.memory": idle]) == [])
    }

    @Test("memory that only grows, by much, for long") func memory() {
        let growing = (0..<100).map { 1_000 + Double($0) * 10 }

        let found = findings(["system/process.memory": growing], seconds: 10)

        #expect(found.map(\.kind) == [.memoryGrowth])
        #expect(abs(found[0].number("MiB an hour")! - 3_600) < 100)
        #expect(kinds(["system/process.memory": growing], seconds: 1) == [])                     // not for long
        #expect(kinds(["system/process.memory": growing.map { min($0, 1_600) }], seconds: 10) == [])
        #expect(kinds(["system/process.memory": growing.map { 1_000 + $0 / 10 }], seconds: 10) == [])
    }

    @Test("failed runs and silent ones say so, others do not") func life() {
        #expect(kinds(["loss": [1]], facts(.failed)) == [.failed])
        #expect(kinds(["loss": [1]], facts(.running, silentFor: 119_999)) == [])
        #expect(kinds(["loss": [1]], facts(.running, silentFor: 120_000)) == [.silent])
        #expect(kinds(["loss": [1]], facts(.finished, silentFor: 1_000_000)) == [])
    }

    @Test("every kind has words, and a title that names its metric") func words() {
        for kind in FindingKind.allCases {
            let words = FindingWords(kind)
            #expect(!words.why.isEmpty && !words.advice.isEmpty && !words.rule.isEmpty)
            #expect(words.title(of: "a/b").contains("a/b") == ![.silent, .failed].contains(kind))
        }
    }
}
