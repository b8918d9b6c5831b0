import Tensors
import Testing
@testable import Training

@Suite("Metrics") struct MetricTests {
    @Test("any division into batches gives what one pass gives", arguments: 1...20) func streaming(seed: UInt64) {
        var stream = RandomStream(seed: seed)
        let count = 50 + stream.index(below: 100)
        let actual = (0..<count).map { _ in stream.index(below: 4) }, predicted = actual.map { stream.uniform() < 0.5 ? $0 : stream.index(below: 4) }
        let scores = (0..<count).map { _ in (stream.normal() * 4).rounded() / 4 }, truths = (0..<count).map { _ in stream.normal() }
        var (whole, parts) = (Confusion(classes: 4), Confusion(classes: 4))
        var (wholeROC, partROC) = (ROC(), ROC()), (wholeErrors, partErrors) = (RegressionErrors(), RegressionErrors())

        whole.add(predicted: predicted, actual: actual)
        wholeROC.add(scores: scores, positives: actual.map { $0 == 0 })
        wholeErrors.add(predicted: scores, actual: truths)
        var start = 0
        while start < count {
            let end = min(count, start + 1 + stream.index(below: 20)), range = start..<end
            parts.add(predicted: predicted[range], actual: actual[range])
            partROC.add(scores: scores[range], positives: actual[range].map { $0 == 0 })
            partErrors.add(predicted: scores[range], actual: truths[range])
            start = end
        }

        #expect(whole == parts && wholeROC.curve == partROC.curve && wholeROC.areaUnderCurve == partROC.areaUnderCurve)
        #expect(wholeErrors == partErrors)
    }

    @Test("the area under the curve is the share of rightly ordered pairs, ties half", arguments: 1...20) func pairs(seed: UInt64) {
        var stream = RandomStream(seed: seed), roc = ROC()
        let samples = (0..<40).map { _ in (score: Double(stream.index(below: 8)), positive: stream.uniform() < 0.4) }
        roc.add(scores: samples.map(\.score), positives: samples.map(\.positive))

        let positives = samples.filter(\.positive), negatives = samples.filter { !$0.positive }
        let won = positives.reduce(0.0) { sum, p in sum + negatives.reduce(0.0) { $0 + (p.score > $1.score ? 1 : p.score == $1.score ? 0.5 : 0) } }
        #expect(abs(roc.areaUnderCurve - won / Double(positives.count * negatives.count)) < 1e-12)
    }

    @Test("a class that is missing has a defined value and a warning") func missing() {
        var confusion = Confusion(classes: 3), roc = ROC()
        confusion.add(predicted: [0, 0, 1], actual: [0, 1, 1])
        roc.add(scores: [0.1, 0.2], positives: [true, true])

        #expect(confusion.precision(.binary(positive: 2)) == 0 && confusion.recall(.macro) == 0.75)
        #expect(confusion.undefined == ["Precision of class 2 is taken as 0: it was never predicted.", "Recall of class 2 is taken as 0: it never occurred."])
        #expect(roc.areaUnderCurve == 0.5 && roc.undefined == ["The area under the curve is taken as 0.5: no negative sample was seen."])
        #expect(Confusion(classes: 2).accuracy == 0 && RegressionErrors().meanSquaredError == 0 && Ranking().meanReciprocalRank == 0)
    }

    @Test("the reciprocal rank is 1 ÷ the place of the first relevant item") func reciprocal() {
        var ranking = Ranking()
        ranking.add(scores: [0.9, 0.8, 0.7], relevance: [0, 0, 1])
        ranking.add(scores: [0.9, 0.8, 0.7], relevance: [1, 0, 1])
        ranking.add(scores: [0.9, 0.8, 0.7], relevance: [0, 0, 0])

        #expect(abs(ranking.meanReciprocalRank - (1.0 / 3 + 1 + 0) / 3) < 1e-12)
    }

    @Test("lists added one by one give the mean over all of them", arguments: 1...10) func lists(seed: UInt64) {
        var stream = RandomStream(seed: seed), whole = Ranking(cutoff: 4), each: [Ranking] = []
        for _ in 0..<12 {
            let count = 3 + stream.index(below: 8)
            let scores = (0..<count).map { _ in Double(stream.index(below: 6)) }, relevance = (0..<count).map { _ in Double(stream.index(below: 3)) }
            var alone = Ranking(cutoff: 4)
            alone.add(scores: scores, relevance: relevance)
            each.append(alone)
            whole.add(scores: scores, relevance: relevance)
        }
        func mean(_ value: (Ranking) -> Double) -> Double { each.map(value).reduce(0, +) / Double(each.count) }

        #expect(whole.queries == 12 && abs(whole.meanReciprocalRank - mean(\.meanReciprocalRank)) < 1e-12)
        #expect(abs(whole.meanAveragePrecision - mean(\.meanAveragePrecision)) < 1e-12)
        #expect(abs(whole.normalizedDiscountedGain - mean(\.normalizedDiscountedGain)) < 1e-12)
    }

    @Test("equal scores earn no place by luck") func ties() {
        var ranking = Ranking()
        ranking.add(scores: [1, 1, 1, 1], relevance: [1, 0, 0, 0])

        #expect(ranking.meanReciprocalRank == 0.25 && ranking.meanAveragePrecision == 0.25)
    }

    @Test("right answers are counted for classes and for one yes-or-no output") func correct() {
        #expect(correctCount(Tensor([[1, 3], [2, 0], [0, 1]]), Tensor(labels: [1, 1, 1])) == 2)
        #expect(correctCount(Tensor([[0.5], [-1], [2]]), Tensor([[1], [1], [1]])) == 2)
        #expect(correctCount(Tensor([[0.5], [-1]]), Tensor([[0.3], [1]])) == nil)
        #expect(correctCount(Tensor([[0.5, 1]]), Tensor([[0.3, 1]])) == nil)
    }
}
