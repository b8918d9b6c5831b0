/// The sizes of a tensor's dimensions, outermost first: `[128, 3, 64, 64]`. At most eight dimensions.
///
/// A fixed-size value, so that making a tensor needs no array.
public struct Shape: Sendable, Hashable, RandomAccessCollection, ExpressibleByArrayLiteral, CustomStringConvertible {
    /// The most dimensions that a tensor can have.
    public static let mostDimensions = 8

    var low = SIMD4<Int32>()
    var high = SIMD4<Int32>()
    var rank: Int32 = 0

    /// Creates the shape with the given sizes.
    /// - Precondition: At most eight sizes, each from 0 to 2³¹ − 1.
    public init(_ sizes: some Sequence<Int>) {
        for size in sizes { append(size) }
    }

    /// Creates the shape with the given sizes.
    public init(arrayLiteral sizes: Int...) { self.init(sizes) }

    // The shapes that operations make are spelled so: an array literal is an array in a debug build, and sometimes in a release.
    init(_ a: Int) { append(a) }
    init(_ a: Int, _ b: Int) { append(a); append(b) }
    init(_ a: Int, _ b: Int, _ c: Int) { append(a); append(b); append(c) }
    init(_ a: Int, _ b: Int, _ c: Int, _ d: Int) { append(a); append(b); append(c); append(d) }

    /// The shape of a scalar.
    @inlinable public init() {}

    /// 0.
    public var startIndex: Int { 0 }
    /// The number of dimensions.
    public var endIndex: Int { Int(rank) }

    /// The size of one dimension, counted from the outermost.
    public subscript(dimension: Int) -> Int {
        @inline(__always) get {
            require(dimension >= 0 && dimension < Int(rank), "dimension \(dimension) of a shape with \(rank) dimensions")
            return Int(dimension < 4 ? low[dimension] : high[dimension - 4])
        }
        @inline(__always) set {
            if dimension < 4 { low[dimension] = Int32(newValue) } else { high[dimension - 4] = Int32(newValue) }
        }
    }

    /// The outermost size; `nil` for a scalar.
    public var first: Int? { rank == 0 ? nil : self[0] }
    /// The innermost size; `nil` for a scalar.
    public var last: Int? { rank == 0 ? nil : self[Int(rank) - 1] }

    /// The innermost `count` sizes.
    func innermost(_ count: Int) -> Shape {
        var inner = Shape()
        for dimension in Int(rank) - count..<Int(rank) { inner.append(self[dimension]) }
        return inner
    }

    /// The number of elements: the product of the sizes, 1 for a scalar.
    public var elementCount: Int {
        var product = 1
        for dimension in 0..<Int(rank) { product *= self[dimension] }
        return product
    }

    /// The sizes as an array.
    public var sizes: [Int] { Array(self) }

    /// The sizes as Swift writes an array.
    public var description: String { "[" + map(String.init).joined(separator: ", ") + "]" }

    /// Adds an innermost dimension.
    mutating func append(_ size: Int) {
        require(rank < 8, "A tensor has at most 8 dimensions")
        require(size >= 0 && size <= Int(Int32.max), "size \(size) of a dimension is not between 0 and 2³¹ − 1")
        rank += 1
        self[Int(rank) - 1] = size
    }

    func inserting(_ size: Int, at dimension: Int) -> Shape {
        var sizes = sizes
        sizes.insert(size, at: dimension)
        return Shape(sizes)
    }

    func removing(_ dimension: Int) -> Shape {
        var sizes = sizes
        sizes.remove(at: dimension)
        return Shape(sizes)
    }

    func replacing(_ dimension: Int, with size: Int) -> Shape {
        var shape = self
        shape[dimension] = size
        return shape
    }

    /// The steps between neighbours of each dimension when the elements lie in row-major order.
    var rowMajorStrides: Shape {
        var strides = self
        var step = 1
        for dimension in stride(from: Int(rank) - 1, through: 0, by: -1) {
            strides[dimension] = step
            step *= self[dimension]
        }
        return strides
    }

    /// The steps of an image shape `[n, c, h, w]` whose elements lie in the order n, h, w, c.
    var channelsLastStrides: Shape { Shape(self[1] * self[2] * self[3], 1, self[1] * self[3], self[1]) }

    /// The dimensions of an image tensor in the order in which channels-last elements lie.
    static let channelsLastOrder: Shape = [0, 2, 3, 1]

    /// Both shapes after broadcasting: missing outer dimensions and sizes of 1 repeat; `nil` where sizes disagree.
    static func broadcast(_ a: Shape, _ b: Shape) -> Shape? {
        if a == b { return a }
        let rank = Swift.max(a.count, b.count)
        var result = Shape(repeatElement(1, count: rank))
        for offset in 1...Swift.max(rank, 1) where rank > 0 {
            let first = offset <= a.count ? a[a.count - offset] : 1
            let second = offset <= b.count ? b[b.count - offset] : 1
            guard first == second || first == 1 || second == 1 else { return nil }
            result[rank - offset] = first == 1 ? second : first
        }
        return result
    }

    /// Calls `body` with the sizes as 64-bit integers, as kernels take them.
    func withSizes<Result>(_ body: (UnsafePointer<Int64>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: Int64.self, capacity: 8) { sizes in
            for dimension in 0..<Int(rank) { sizes[dimension] = Int64(self[dimension]) }
            return body(UnsafePointer(sizes.baseAddress!))
        }
    }
}

/// Ends the program with a message when misused: shapes that don't fit are mistakes in the program, not data to handle.
///
/// Unlike `precondition` it prints its message in release builds too.
@inline(__always)
package func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fatalError(message()) }
}
