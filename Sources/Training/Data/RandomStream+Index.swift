import Tensors

extension RandomStream {
    /// One of many streams of a seed; two of them have nothing in common.
    init(seed: UInt64, stream: UInt64) {
        var numbers = RandomStream(seed: seed, position: stream)
        self.init(seed: numbers.next())
    }

    /// A number in 0 ..< `bound`, unbiased. Source: Lemire, *Fast Random Integer Generation in an Interval* (2019).
    ///
    /// Ours rather than the standard library's, whose way of drawing may change and with it every seeded run.
    public mutating func index(below bound: Int) -> Int {
        precondition(bound > 0, "index(below: \(bound)): the bound must be at least 1")
        let bound = UInt64(bound)
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        }
        return Int(product.high)
    }
}
