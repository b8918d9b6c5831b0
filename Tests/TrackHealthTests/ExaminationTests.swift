import Foundation
import SeededRandom
import Testing
import TrackModel
import TrackSeries
@testable import TrackHealth

@Suite("A run's examination") struct ExaminationTests {
    @Test("finds the same, in whatever pieces the points come") func pieces() {
        var random = SeededRandom(seed: 7)
        var loss = fallingLoss(3_000)
        for _ in 0..<9 { loss[random.below(2_900)] = random.below(2) == 0 ? .nan : 9 }
        loss += (0..<500).map { 0.5 + Double($0) / 100 }
        let whole = findings(["train/loss": loss])
        #expect(whole.count >= 2)

        for _ in 0..<5 {
            var examination = RunExamination(), at = 0
            while at < loss.count {
                let end = min(loss.count, at + 1 + random.below(700))
                examination.take(points(Array(loss[at..<end]), from: at), of: "train/loss")
                at = end
            }
            #expect(examination.findings(facts()) == whole)
            #expect(examination.lastStep(of: "train/loss") == 3_499)
        }
    }

    @Test("a curve keeps counts, extremes and means of every point, in stretches of equal length") func curve() {
        var random = SeededRandom(seed: 2)
        for count in [1, 127, 128, 129, 1_000, 5_321] {
            let values = (0..<count).map { _ in random.gauss() }
            var curve = Curve()
            for (step, value) in values.enumerated() { curve.take(step: Int64(step), time: 0, value: value) }

            #expect(curve.stretches.count <= Curve.most && curve.stretches.reduce(0) { $0 + $1.count } == count)
            #expect(Set(curve.stretches.dropLast().map(\.count)).count <= 1)
            for stretch in curve.stretches {
                let part = values[Int(stretch.firstStep)...Int(stretch.lastStep)]
                #expect(part.count == stretch.count && part.min() == stretch.min && part.max() == stretch.max)
                #expect(abs(part.reduce(0, +) / Double(part.count) - stretch.mean) < 1e-9)
            }
        }
    }

    @Test("recent values: median, spread and greatest as sorting all of them gives") func recent() {
        var random = SeededRandom(seed: 5), recent = RecentValues(25)
        var all: [Double] = []
        for _ in 0..<300 {
            let value = Double(random.below(40))
            all.append(value)
            recent.take(value)
            let sorted = all.suffix(25).sorted(), middle = sorted[sorted.count / 2]
            #expect(recent.median == middle && recent.greatest == sorted.last)
            #expect(recent.spread == sorted.map { abs($0 - middle) }.sorted()[sorted.count / 2])
        }
    }

    @Test("what a metric is follows from its words, its place and its goal") func roles() {
        let cases: [(String, MetricRole)] = [
            ("train/loss", .trainingLoss), ("loss", .trainingLoss), ("gloss", .other), ("loss/val", .validation(smallerIsBetter: true)),
            ("val_acc", .validation(smallerIsBetter: false)), ("test/weird", .other), ("grad_norm", .gradientNorm), ("gradients/fc1/norm", .gradientNorm),
            ("optimizer/lr", .learningRate), ("train/learning_rate", .learningRate), ("lr_scale", .other), ("system/gpu.0.utilization", .gpuUse),
            ("system/process.memory", .processMemory), ("system/memory", .other), ("train_samples_per_second", .throughput), ("dead_units", .deadUnits),
        ]
        for (name, role) in cases { #expect(MetricRole(name) == role, "\(name)") }
        #expect(MetricRole("val/reward", goal: .maximize) == .validation(smallerIsBetter: false))
        #expect(MetricRole.counterparts(of: "val/loss") == ["train/loss", "loss"] && MetricRole.counterparts(of: "loss_val").contains("loss"))
    }

    @Test("thousands of metrics stay within what is said of memory, and each is looked at for NaN") func bounds() {
        var examination = RunExamination()
        for place in 0..<1_000 { examination.take(points([1, place == 999 ? .nan : 2]), of: "layer\(place)/loss") }

        #expect(examination.findings(facts()).map(\.metric) == ["layer999/loss"])
        #expect(examination.bytes < 1_000 * 500 + RunExamination.mostCurves * 9_000 + 1)
    }
}
