/// A centred mean over a window of points, given with a delay of half the window. Non-finite points take no place in it.
public struct RunningAverage: Sendable {
    private let half: Int
    private var ring: [Double]
    private var pushed = 0
    private var given = 0
    private var sum = 0.0
    private var lost = 0.0          // what rounding took from `sum` (Neumaier)
    private var inside = 0

    /// - Parameter window: In points, at least 1; an even one counts as the next odd.
    public init(window: Int) {
        half = Swift.max(0, window / 2)
        ring = [Double](repeating: 0, count: 2 * half + 2)
    }

    /// Takes the next finite value; gives the mean around the value `half` before it, once that is known.
    public mutating func push(_ value: Double) -> Double? {
        ring[pushed % ring.count] = value
        add(value)
        inside += 1
        pushed += 1
        return pushed > half ? next() : nil
    }

    /// The means that are still open, when no value follows.
    public mutating func finish() -> [Double] {
        var rest: [Double] = []
        while given < pushed { rest.append(next()) }
        return rest
    }

    private mutating func next() -> Double {
        let leaving = given - half - 1
        if leaving >= 0 {
            add(-ring[leaving % ring.count])
            inside -= 1
        }
        given += 1
        return (sum + lost) / Double(inside)
    }

    private mutating func add(_ value: Double) {
        let total = sum + value
        lost += sum.magnitude >= value.magnitude ? (sum - total) + value : (value - total) + sum
        sum = total
    }
}
