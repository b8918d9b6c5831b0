/// A two-sided Gaussian over any number of points: each cell of x keeps twelve moments, from which the sums at any place follow to 1e-9.
///
/// Memory grows with the number of cells that hold points, not with the points. Source: Greengard and Strain, *The Fast Gauss Transform* (1991),
/// in one dimension with Taylor expansions.
public struct GaussianSmoother: Sendable {
    private static let terms = 12
    /// Beyond six sigma a weight is below 2e-8 of the greatest.
    private static let reach = 6.0

    private let sigma: Double
    private let cell: Double
    private let origin: Double
    private var places: [Int] = []
    /// For each cell: moments of the values, then of the weights.
    private var moments: [Double] = []

    /// - Parameter sigma: In units of x, positive.
    /// - Parameter origin: The least x.
    public init(sigma: Double, origin: Double) {
        precondition(sigma > 0, "A Gaussian needs a width; got \(sigma).")
        (self.sigma, self.origin, cell) = (sigma, origin, sigma / 4)
    }

    /// The kernel's width for a setting of 0 … 0.999: up to a tenth of the x-range of the whole chart data.
    public static func sigma(amount: Double, range: Double) -> Double { amount * 0.1 * range }

    /// Adds a point; x must not be less than the one before. Non-finite values are skipped.
    public mutating func push(x: Double, value: Double) {
        guard value.isFinite else { return }
        let place = Int(((x - origin) / cell).rounded(.down))
        if places.last != place {
            places.append(place)
            moments.append(contentsOf: repeatElement(0, count: 2 * Self.terms))
        }
        let u = (x - center(place)) / sigma
        var weight = libmExp(-u * u / 2)
        let base = moments.count - 2 * Self.terms
        for term in 0..<Self.terms {
            moments[base + term] += weight * value
            moments[base + Self.terms + term] += weight
            weight *= u / Double(term + 1)
        }
    }

    private func center(_ place: Int) -> Double { origin + (Double(place) + 0.5) * cell }

    /// The smoothed value at `x`; NaN if no point is within reach.
    public func value(at x: Double) -> Double {
        let low = Int((((x - origin) - Self.reach * sigma) / cell).rounded(.down)), high = Int((((x - origin) + Self.reach * sigma) / cell).rounded(.down))
        var index = places.partitioningIndex { $0 >= low }
        var numerator = 0.0, denominator = 0.0
        while index < places.count, places[index] <= high {
            let v = (x - center(places[index])) / sigma
            var factor = libmExp(-v * v / 2)
            for term in 0..<Self.terms {
                numerator += factor * moments[index * 2 * Self.terms + term]
                denominator += factor * moments[index * 2 * Self.terms + Self.terms + term]
                factor *= v
            }
            index += 1
        }
        return denominator > 0 ? numerator / denominator : .nan
    }
}
