/// Numbers with a shape, in row-major order, as data sets and loaders carry them between threads.
///
/// A tensor belongs to the task that trains; a raw array is a value and may cross to any other.
public struct RawArray<Element: Sendable>: Sendable {
    /// The sizes, outermost first.
    public let shape: [Int]
    /// In row-major order.
    public let elements: [Element]

    /// - Parameter shape: Its product is the number of elements; an empty shape is one number.
    public init(_ elements: [Element], shape: [Int]) {
        precondition(
            elements.count == shape.reduce(1, *),
            "RawArray: \(elements.count) elements do not fill the shape \(shape), which holds \(shape.reduce(1, *))")
        self.elements = elements
        self.shape = shape
    }

    /// A vector.
    public init(_ elements: [Element]) { self.init(elements, shape: [elements.count]) }
}

extension RawArray: Equatable where Element: Equatable {}

extension RawArray: ExpressibleByArrayLiteral {
    /// A vector.
    public init(arrayLiteral elements: Element...) { self.init(elements) }
}

extension RawArray {
    /// The same elements under another shape.
    public func reshaped(_ shape: [Int]) -> RawArray { RawArray(elements, shape: shape) }

    /// The `index`-th part along the first axis, without that axis.
    public subscript(part index: Int) -> RawArray {
        let size = shape.dropFirst().reduce(1, *)
        return RawArray(Array(elements[index * size..<(index + 1) * size]), shape: Array(shape.dropFirst()))
    }

    /// A copy whose axis `i` is this one's axis `axes[i]`: `permuted([0, 3, 1, 2])` makes N,C,H,W of N,H,W,C.
    /// - Complexity: O(elements).
    public func permuted(_ axes: [Int]) -> RawArray {
        precondition(axes.sorted() == Array(shape.indices), "permuted(\(axes)): shape \(shape) needs each of its axes once")
        var strides = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
        let newShape = axes.map { shape[$0] }
        strides = axes.map { strides[$0] }
        let result = [Element](unsafeUninitializedCapacity: elements.count) { target, count in
            var position = [Int](repeating: 0, count: axes.count), source = 0
            for offset in 0..<elements.count {
                (target.baseAddress! + offset).initialize(to: elements[source])
                var axis = axes.count - 1
                while axis >= 0 {
                    position[axis] += 1
                    source += strides[axis]
                    if position[axis] < newShape[axis] { break }
                    source -= strides[axis] * newShape[axis]
                    position[axis] = 0
                    axis -= 1
                }
            }
            count = elements.count
        }
        return RawArray(result, shape: newShape)
    }
}
