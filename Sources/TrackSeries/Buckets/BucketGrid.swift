/// Cuts a range of x into buckets of equal width, on a linear or logarithmic scale.
public struct BucketGrid: Sendable, Equatable {
    public enum Scale: String, Sendable { case linear, log }

    public let low: Double
    public let high: Double
    public let count: Int
    public let scale: Scale
    private let origin: Double
    private let perUnit: Double

    /// - Parameter low: The least x; on a logarithmic scale it must be positive.
    /// - Parameter count: At least 1.
    public init(low: Double, high: Double, count: Int, scale: Scale = .linear) {
        precondition(count >= 1 && (scale == .linear || low > 0), "A grid has at least one bucket; got \(count). A logarithmic one begins above 0; got \(low).")
        (self.low, self.high, self.count, self.scale) = (low, high, count, scale)
        origin = scale == .log ? libmLog(low) : low
        let width = (scale == .log ? libmLog(high) : high) - origin
        perUnit = width > 0 && width.isFinite ? Double(count) / width : 0
    }

    /// Whether a point belongs into the grid at all.
    @inline(__always)
    public func contains(_ x: Double) -> Bool { x >= low && x <= high }

    /// The bucket of an x inside the range; the greatest x belongs to the last bucket.
    @inline(__always)
    public func index(_ x: Double) -> Int {
        let place = ((scale == .log ? libmLog(x) : x) - origin) * perUnit
        return place < Double(count) ? Int(place) : count - 1
    }
}
