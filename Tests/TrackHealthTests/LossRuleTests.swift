import Foundation
import SeededRandom
import Testing
import TrackModel
@testable import TrackHealth

@Suite("Rules of a loss") struct LossRuleTests {
    @Test("a healthy noisy loss gives no finding", arguments: [30, 100, 1_000, 20_000], [0.0, 0.05, 0.15])
    func healthy(count: Int, noise: Double) {
        for seed in 1...5 as ClosedRange<UInt64> {
            let loss = fallingLoss(count, noise: noise, seed: seed)
            #expect(findings(["train/loss": loss, "loss": loss, "accuracy": loss.map { 1 - $0 / 3 }]) == [])
        }
    }

    @Test("NaN and infinity are counted, with their first and last steps") func notFinite() {
        var values = fallingLoss(100)
        values[40] = -.infinity
        for place in 80..<100 { values[place] = .nan }

        let found = findings(["train/loss": values])

        #expect(found.map(\.kind) == [.nan, .infinity])
        #expect(found[0].steps == 80...99 && found[0].severity == .error && found[0].number("points concerned") == 20 && found[0].number("points") == 100)
        #expect(found[1].steps == 40...40)
    }

    @Test("a NaN that was got over is a warning, in any metric") func recovered() {
        let found = findings(["anything": [1, .nan] + [Double](repeating: 2, count: 10)])

        #expect(found.map(\.kind) == [.nan] && found[0].severity == .warning)
        #expect(findings(["anything": [1, .nan] + [Double](repeating: 2, count: 9)])[0].severity == .error)
    }

    @Test("each planted spike is counted once, whatever its length up to five points") func spikes() {
        var values = fallingLoss(2_000)
        for step in [157, 301, 623, 624, 625, 1_893] { values[step] += 5 }

        let found = findings(["train/loss": values])

        #expect(found.map(\.kind) == [.spike])
        #expect(found[0].number("spikes") == 4 && found[0].steps == 157...1_893)
        #expect(found[0].number("greatest") == values[157...].max())
    }

    @Test("a rise that stays is no spike, and zeros are no level") func noSpikes() {
        let step = [Double](repeating: 1, count: 50) + [Double](repeating: 1.3, count: 50)

        #expect(!kinds(["train/loss": step.map { $0 * 3 }]).contains(.spike))
        #expect(!kinds(["train/loss": [Double](repeating: 0, count: 100) + [1e-4] + [Double](repeating: 0, count: 10)]).contains(.spike))
        #expect(!kinds(["val/loss": fallingLoss(50) + [9] + fallingLoss(50)]).contains(.spike))      // few points, each a mean already
    }

    @Test("the text's log, 18305.97 to 0.0, gives its spike of 4.6215") func textLog() {
        let early = [18_305.9719] + (1..<40).map { 18_305.9719 * pow(0.7, Double($0)) }
        let middle = (0..<30).map { 0.6 + 0.2 * Double($0 % 3) }
        let values = early + middle + [4.6215, 0.6, 0.5] + (0..<30).map { 0.186 * pow(0.8, Double($0)) }

        let found = findings(["loss": values]).filter { $0.kind == .spike }

        #expect(found.first?.steps == 70...70 && found.first?.number("greatest") == 4.6215)
        #expect(!kinds(["loss": values]).contains(.divergence))
    }

    @Test("a loss that rises and stays diverges; one that comes back does not", arguments: [160, 5_000]) func divergence(count: Int) {
        let falls = fallingLoss(count, noise: 0.02), rises = falls + (0..<count).map { 0.4 + 3 * Double($0) / Double(count) }

        let found = findings(["train/loss": rises])

        #expect(found.map(\.kind) == [.divergence] && found[0].severity == .error)
        #expect(found[0].lastStep == Int64(2 * count - 1) && found[0].firstStep! < Int64(count) + Int64(count) / 10)
        #expect(!kinds(["train/loss": rises + falls + falls]).contains(.divergence))
        #expect(!kinds(["train/accuracy": rises]).contains(.divergence))
    }

    @Test("a loss that never falls is a warning; one that stopped high is worth knowing; one that is small is done") func plateau() {
        var random = SeededRandom(seed: 3)
        let flat = (0..<1_000).map { _ in 2.3 + 0.05 * random.gauss() }
        let stuck = (0..<2_000).map { step in 1.5 + 0.8 * exp(-Double(step) / 60) + 0.02 * random.gauss() }
        let done = (0..<2_000).map { step in 0.01 + 2 * exp(-Double(step) / 60) }

        #expect(findings(["loss": flat]).map { [$0.kind.rawValue, $0.severity.rawValue] } == [["plateau", "warning"]])
        #expect(findings(["loss": stuck]).map { [$0.kind.rawValue, $0.severity.rawValue] } == [["plateau", "info"]])
        #expect(findings(["loss": done]) == [])
        #expect(findings(["loss": Array(flat.prefix(399))]) == [])
    }

    @Test("over-fitting needs a best that lies behind, in either direction, while training goes on to improve") func overfitting() {
        let back = (0..<30).map { 0.3 + 2 * exp(-Double($0) / 8) } + (0..<30).map { 0.8 + Double($0) * 0.02 }
        let training = (0..<600).map { 2 * exp(-Double($0) / 100) }

        let loss = findings(["val/loss": back]), accuracy = findings(["val/accuracy": back.map { 1 - $0 / 3 }])

        #expect(loss.map(\.kind) == [.overfitting] && loss[0].firstStep == 29 && loss[0].number("best") == back[29])
        #expect(accuracy.map(\.kind) == [.overfitting] && accuracy[0].number("now")! < accuracy[0].number("best")!)
        #expect(kinds(["val/loss": back, "train/loss": training]).contains(.overfitting))
        #expect(!kinds(["val/loss": back, "train/loss": back]).contains(.overfitting))
        #expect(kinds(["val/loss": (0..<60).map { 0.3 + 2 * exp(-Double($0) / 15) }]) == [])
    }

    @Test("noise in a held-out metric that has settled is no over-fitting") func settled() {
        for seed in 1...20 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            let values = (0..<50).map { 0.5 + exp(-Double($0) / 5) + 0.05 * random.gauss() }
            #expect(findings(["val/loss": values]) == [])
        }
    }
}
