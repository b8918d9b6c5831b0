/// The smoothing kinds whose value at a point depends on the points before it. Points come in x order; non-finite ones are skipped.
public enum Smoother: Sendable {
    case timeWeighted(TimeWeightedAverage)
    case exponential(ExponentialAverage)

    /// Takes the next point and gives the smoothed value there; NaN while nothing finite has come.
    @inline(__always)
    public mutating func push(x: Double, value: Double) -> Double {
        switch self {
        case .timeWeighted(var average):
            defer { self = .timeWeighted(average) }
            return average.push(x: x, value: value)
        case .exponential(var average):
            defer { self = .exponential(average) }
            return average.push(value)
        }
    }
}

/// An exponential average whose memory fades with distance in x, so that unevenly logged points weigh as they should.
/// Source: the smoothing of Weights & Biases' charts, as its documentation states it.
public struct TimeWeightedAverage: Sendable {
    private let logWeight: Double
    private let perUnit: Double
    private var numerator = 0.0
    private var denominator = 0.0
    private var last: Double?

    /// - Parameter amount: 0 … 0.999: how much is smoothed.
    /// - Parameter range: The x-range of the whole chart data: its thousandth part is the unit of distance.
    public init(amount: Double, range: Double) {
        logWeight = libmLog(Swift.min(amount.squareRoot(), 0.999))
        perUnit = range > 0 ? 1_000 / range : 0
    }

    public mutating func push(x: Double, value: Double) -> Double {
        guard value.isFinite else { return denominator > 0 ? numerator / denominator : .nan }
        let distance = last.map { Swift.max(0, x - $0) * perUnit } ?? 0
        // A weight of 0 keeps nothing of the past, even at distance 0.
        let fade = logWeight == -.infinity ? 0 : libmExp(logWeight * distance)
        numerator = numerator * fade + value
        denominator = denominator * fade + 1
        last = x
        return numerator / denominator
    }
}

/// The plain exponential average, corrected for its start: a constant series stays as it is. Source: TensorBoard's scalar chart; the
/// correction is Kingma and Ba, *Adam* (2015), §3.
public struct ExponentialAverage: Sendable {
    private let amount: Double
    private var mean = 0.0
    private var power = 1.0

    /// - Parameter amount: 0 … 0.999: the weight of the past.
    public init(amount: Double) { self.amount = amount }

    public mutating func push(_ value: Double) -> Double {
        if value.isFinite {
            mean = amount * mean + (1 - amount) * value
            power *= amount
        }
        return power < 1 ? mean / (1 - power) : .nan
    }
}
