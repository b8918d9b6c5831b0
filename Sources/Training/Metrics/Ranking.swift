/// How well lists are ordered: one `add` for each query, means over queries.
public struct Ranking: Sendable {
    /// How many places NDCG looks at.
    public let cutoff: Int
    /// How many lists were added.
    public private(set) var queries = 0
    private var reciprocal = 0.0, precision = 0.0, gain = 0.0

    /// - Parameter cutoff: NDCG looks at the first so many places; all by default.
    public init(cutoff: Int = .max) {
        precondition(cutoff > 0, "Ranking: cutoff is \(cutoff); it must be at least 1")
        self.cutoff = cutoff
    }

    /// - Parameters:
    ///   - scores: The model's; higher comes first.
    ///   - relevance: The truth: 0 is irrelevant, more is better.
    public mutating func add(scores: [Double], relevance: [Double]) {
        precondition(scores.count == relevance.count, "Ranking: \(scores.count) scores for \(relevance.count) relevances")
        queries += 1
        var curve = ROC()
        curve.add(scores: scores, positives: relevance.map { $0 > 0 })
        precision += curve.averagePrecision
        reciprocal += Self.reciprocalRank(scores, relevance)
        gain += Self.normalizedGain(scores, relevance, cutoff)
    }

    /// MRR: 1 ÷ the place of the first relevant item; equal scores share the worst of their places, so that ties earn nothing.
    public var meanReciprocalRank: Double { mean(reciprocal) }

    /// MAP: the mean over queries of the average precision.
    public var meanAveragePrecision: Double { mean(precision) }

    /// NDCG with gain = relevance and discount log₂(1 + place), equal scores averaged.
    /// Source: Järvelin & Kekäläinen (2002); ties as McSherry & Najork (2008).
    public var normalizedDiscountedGain: Double { mean(gain) }

    private func mean(_ sum: Double) -> Double { queries == 0 ? 0 : sum / Double(queries) }

    private static func reciprocalRank(_ scores: [Double], _ relevance: [Double]) -> Double {
        guard let best = zip(scores, relevance).filter({ $0.1 > 0 }).map(\.0).max() else { return 0 }
        let place = zip(scores, relevance).count { $0.0 > best || ($0.0 == best && $0.1 <= 0) } + 1
        return 1 / Double(place)
    }

    private static func normalizedGain(_ scores: [Double], _ relevance: [Double], _ cutoff: Int) -> Double {
        let ideal = discountedGain(relevance, relevance, cutoff)
        return ideal == 0 ? 0 : discountedGain(scores, relevance, cutoff) / ideal
    }

    private static func discountedGain(_ scores: [Double], _ relevance: [Double], _ cutoff: Int) -> Double {
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        var sum = 0.0, place = 0
        while place < order.count {
            let tied = order[place...].prefix { scores[$0] == scores[order[place]] }
            let meanGain = tied.reduce(0) { $0 + relevance[$1] } / Double(tied.count)
            for at in place..<place + tied.count where at < cutoff { sum += meanGain / (logarithm(Double(at) + 2) / logarithm(2)) }
            place += tied.count
        }
        return sum
    }
}
