/// Some of a tensor's dimensions, as a set that needs no memory of its own.
struct Dimensions: Equatable {
    private var bits: UInt8 = 0

    init() {}

    /// All of so many.
    init(all count: Int) { bits = UInt8(truncatingIfNeeded: (1 << count) - 1) }

    /// The outermost dimension alone.
    static var first: Dimensions { Dimensions(all: 1) }

    init(_ dimensions: some Sequence<Int>) {
        for dimension in dimensions { insert(dimension) }
    }

    var count: Int { bits.nonzeroBitCount }

    func contains(_ dimension: Int) -> Bool { bits >> UInt8(dimension) & 1 == 1 }

    mutating func insert(_ dimension: Int) { bits |= 1 << UInt8(dimension) }
}

extension Shape {
    /// With size 1 in `dimensions`.
    func reducing(_ dimensions: Dimensions) -> Shape {
        var kept = self
        for dimension in indices where dimensions.contains(dimension) { kept[dimension] = 1 }
        return kept
    }

    /// Without `dimensions`.
    func removing(_ dimensions: Dimensions) -> Shape {
        var left = Shape()
        for dimension in indices where !dimensions.contains(dimension) { left.append(self[dimension]) }
        return left
    }

    /// The sizes in another order: the *i*-th is this shape's `order[i]`-th.
    func ordered(_ order: Shape) -> Shape {
        var result = order
        for place in order.indices { result[place] = self[order[place]] }
        return result
    }
}
