import Tensors
import Testing
@testable import Training

@Suite("Learning rates") struct ScheduleTests {
    @Test("OneCycle's curve has its corners where the book puts them", arguments: [
        (0, 0.01), (1, 0.055), (2, 0.1), (5, 0.05), (8, 0.0),
    ])
    func oneCycle(eighth: Int, rate: Double) {
        #expect(abs(OneCycleCurve().rate(at: eighth, of: 8, base: 0.1) - rate) < 1e-15)
    }

    @Test("the last of 592 batches uses 0.000225") func last() {
        #expect(abs(OneCycleCurve().rate(at: 591, of: 592, base: 0.1) - 0.000225) < 5e-7)
    }

    @Test("the cosine variant meets the linear one at both ends and in the middle of each side") func cosine() {
        let linear = OneCycleCurve(), cosine = OneCycleCurve(shape: .cosine)
        for step in [0, 1, 2, 5, 8] {
            #expect(abs(linear.rate(at: step, of: 8, base: 1) - cosine.rate(at: step, of: 8, base: 1)) < 1e-12)
        }
        #expect(cosine.rate(at: 3, of: 8, base: 1) > linear.rate(at: 3, of: 8, base: 1))
    }

    @Test("a warm-up rises to the base rate and hands over") func warmup() {
        let schedule = Warmup(steps: 4, then: StepDecay(every: 2))

        #expect((0..<8).map { schedule.rate(at: $0, of: 8, base: 1) }.map { ($0 * 1000).rounded() } == [250, 500, 750, 1000, 1000, 1000, 100, 100])
    }

    @Test("the OneCycle callback sets each training batch's rate and no other") func callback() throws {
        let cycle = OneCycle(peak: 0.1)
        let seen = Recorder { $0 == "beforeStep" ? "\($1.optimizer.learningRate)" : nil }
        try learner([cycle, seen]).fit(epochs: 4)

        #expect(cycle.rates.count == 16 && seen.events.map { Double($0)! } == cycle.rates)
        #expect(cycle.rates == (0..<16).map { OneCycleCurve().rate(at: $0, of: 16, base: 0.1) })
    }

    @Test("a scheduler that counts epochs keeps the rate within one") func epochs() throws {
        let decay = Scheduler(StepDecay(every: 2), every: .epoch)
        try learner([decay]).fit(epochs: 3)

        #expect(decay.rates.map { ($0 * 1e4).rounded() } == [500, 500, 500, 500, 500, 500, 500, 500, 50, 50, 50, 50])
    }

    @Test("the rate falls when the watched metric stalls, and an unknown metric is an error") func plateau() throws {
        let frozen = learner([ReduceOnPlateau(decay: PlateauDecay(patience: 1))], rate: 0)
        frozen.learningRate = 1e-30
        var rates: [Double] = []
        frozen.callbacks.append(Recorder { name, l in
            if name == "betweenEpochs" { rates.append(l.optimizer.learningRate) }
            return nil
        })
        frozen.callbacks[0] = ReduceOnPlateau(decay: { var d = PlateauDecay(patience: 1); d.smallestChange = 0; return d }())
        try frozen.fit(epochs: 5)

        #expect(rates.map { $0 / 1e-30 }.map { ($0 * 100).rounded() } == [100, 100, 10, 10, 1])
        let error = #expect(throws: LearnerError.self) { try learner([ReduceOnPlateau("f1")]).fit(epochs: 1) }
        #expect(error.map { "\($0)" } == "ReduceOnPlateau watches \"f1\", but this fit has loss. Put TrackResults before ReduceOnPlateau in the list of callbacks, or watch one of these.")
    }

    @Test("the finder stops on batch 89 with 88 points, starting at 1.2e-6 whatever rate was given") func finder() throws {
        // A parameter that no gradient moves: the loss stays finite at any rate.
        let finder = LRFinder()
        let learner = learner([finder], scale: 0)
        var batches = 0
        learner.callbacks.append(Recorder { name, l in
            if name == "beforeStep" { batches += 1 }
            return nil
        })
        try learner.fit(epochs: 30)

        #expect(finder.points.count == 88 && batches == 89 && finder.curve.count == 86)
        #expect(abs(finder.points[0].rate - 1.2e-6) < 1e-18 && finder.points.last!.rate <= 10)
        #expect(zip(finder.points.map(\.rate), finder.points.map(\.rate).dropFirst()).allSatisfy { abs($1 / $0 - 1.2) < 1e-12 })
        #expect(learner.stopReason.hasPrefix("learning rate 11.1") && learner.stopReason.hasSuffix("is above 10.0"))
        #expect(learner.learningRate == 0.05)
    }

    @Test("a loss that is NaN ends the search without recording it") func diverged() throws {
        let finder = LRFinder()
        let learner = learner([finder], scale: 1e30)
        try learner.fit(epochs: 30)

        #expect(finder.points.count < 88 && learner.stopReason.hasPrefix("the loss is NaN at learning rate"))
        #expect(finder.points.allSatisfy { !$0.loss.isNaN })
    }

    @Test("looking for a rate leaves the model as it was and suggests one that trains") func search() throws {
        let learner = learner([])
        let before = learner.model.stateDict()

        let finder = try learner.findLearningRate()

        #expect(learner.model.stateDict() == before && learner.stepCount == 0 && learner.callbacks.isEmpty)
        let rate = try #require(finder.suggestion)
        #expect((1e-4...5).contains(rate), "\(rate)")
    }

    private func learner(_ callbacks: [Callback], scale: Float = 1, rate: Double = 0.05) -> Learner {
        Learner(
            makeClassifier(), DataLoaders(train: DataLoader(Parabola(count: 64), batchSize: 16, shuffled: true)),
            loss: { $0.crossEntropy($1) * scale }, learningRate: rate, callbacks: callbacks)
    }
}
