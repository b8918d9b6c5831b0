import CKernels

/// An array of 32-bit floats with a shape, which can take part in automatic differentiation.
///
/// A tensor is a reference: assigning it to a second variable makes no copy. Operations make new tensors; some
/// (``permute(_:)``, ``reshape(_:)``, slices) are views of the same elements. Labels and other indexes are whole
/// numbers held as floats, exact up to 2²⁴. Tensors are not `Sendable`: they stay in the task that made them.
///
/// Keep results by ordinary references, for as long as you like. A `weak` or `unowned` one does not notice a result's end: the object
/// of a result that nobody keeps becomes another operation's result.
public class Tensor {
    /// `nil` only while the tensor waits among the used-up ``Results``.
    final var stored: Storage?
    private final var layout: Layout
    /// This tensor's place in the recorded graph; `nil` when no gradient can reach it.
    final var node: Node?
    /// Where ``Results`` lists this tensor, and since when; `nil` if it does not. Under its lock.
    final var listing: (place: Int, since: Int)?

    final var storage: Storage { stored.unsafelyUnwrapped }
    /// The sizes of the dimensions, outermost first; `[]` for a scalar.
    public final var shape: Shape { layout.shape }
    /// Steps between neighbours of each dimension, in elements; 0 where a broadcast repeats one.
    final var strides: Shape { layout.strides }
    final var offset: Int { layout.offset }
    /// Whether the elements lie without gaps in row-major order.
    final var isContiguous: Bool { layout.isContiguous }

    init(_ storage: Storage, _ layout: Layout) { (stored, self.layout) = (storage, layout) }

    /// A new object with undefined elements in row-major order: for what stays. Operations use ``uninitialized(_:)``.
    init(uninitialized shape: Shape) { (stored, layout) = (.take(count: shape.elementCount), Layout(rowMajor: shape)) }

    deinit { clear() }

    /// Becomes another tensor.
    final func fill(_ storage: Storage, _ layout: Layout) { (stored, self.layout) = (storage, layout) }

    /// Lets go of the elements and the graph. Whoever calls this has the only reference.
    final func clear() {
        if node != nil { leaveGraph() }
        if isKnownUniquelyReferenced(&stored) { stored.unsafelyUnwrapped.retire() }
        stored = nil
    }

    private func leaveGraph() {
        if node!.isLeaf {
            node!.leaf = nil
        } else if isKnownUniquelyReferenced(&node) {
            node!.retire()
        }
        node = nil
    }

    /// The result of an operation, with undefined elements in row-major order.
    static func uninitialized(_ shape: Shape) -> Tensor { Results.take(.take(count: shape.elementCount), Layout(rowMajor: shape)) }

    /// The result of an operation that has one element.
    static func scalar(_ value: Float) -> Tensor { full(Shape(), value) }

    /// The same elements, outside the graph.
    final func sharing() -> Tensor { Results.take(storage, layout) }

    /// Creates a tensor from its elements in row-major order.
    /// - Precondition: There are as many scalars as the shape has elements.
    public convenience init(_ scalars: some Collection<Float>, shape: Shape) {
        require(scalars.count == shape.elementCount,
                "\(scalars.count) scalars do not fill a tensor of shape \(shape), which has \(shape.elementCount) elements")
        self.init(uninitialized: shape)
        _ = UnsafeMutableBufferPointer(start: pointer, count: scalars.count).initialize(from: scalars)
    }

    /// Creates a scalar, shape `[]`.
    public convenience init(_ value: Float) {
        self.init(uninitialized: Shape())
        pointer.pointee = value
    }

    /// Creates a vector.
    public convenience init(_ scalars: [Float]) { self.init(scalars, shape: [scalars.count]) }

    /// Creates a matrix from its rows.
    /// - Precondition: All rows have the same length.
    public convenience init(_ rows: [[Float]]) {
        let width = rows.first?.count ?? 0
        require(rows.allSatisfy { $0.count == width }, "The rows of a matrix have different lengths: \(rows.map(\.count))")
        self.init(rows.flatMap { $0 }, shape: [rows.count, width])
    }

    /// Creates a vector of whole numbers: class labels or indexes.
    /// - Precondition: Each is between −2²⁴ and 2²⁴, so that a 32-bit float holds it exactly.
    public convenience init(labels: some Collection<Int>) {
        require(labels.allSatisfy { Swift.abs($0) <= 1 << 24 }, "A label is beyond ±2²⁴, where 32-bit floats skip whole numbers")
        self.init(labels.map(Float.init), shape: [labels.count])
    }

    /// The first element. Valid only as long as the tensor lives.
    final var pointer: UnsafeMutablePointer<Float> { storage.pointer + offset }

    final func isVector(_ count: Int) -> Bool { shape.count == 1 && shape[0] == count }

    /// The number of elements.
    public final var count: Int { shape.elementCount }

    /// The only element of a tensor that has one.
    /// - Precondition: The tensor has exactly one element.
    public final var item: Float {
        require(count == 1, "item: shape \(shape) has \(count) elements, not one. Reduce it first, for example with mean().")
        return pointer.pointee
    }

    /// The elements in row-major order. O(`count`).
    public final var scalars: [Float] {
        let dense = contiguousElements()
        return Array(UnsafeBufferPointer(start: dense.pointer, count: count))
    }

    /// The elements as whole numbers, for labels and indexes. O(`count`).
    public final var labels: [Int] { scalars.map { Int($0) } }

    /// Calls `body` with the elements in row-major order, without a copy where they lie so already.
    public final func withScalars<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
        let dense = contiguousElements()
        defer { withExtendedLifetime(dense) {} }
        return try body(UnsafeBufferPointer(start: dense.pointer, count: count))
    }

    /// Changes the elements in place, outside the graph; for initialisers, optimizers and loading.
    /// - Precondition: The tensor's elements lie in row-major order (parameters, buffers and new tensors do).
    public final func withMutableScalars<Result>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) rethrows -> Result {
        require(isContiguous, "withMutableScalars: this view of shape \(shape) is not in row-major order. Take `clone()` first.")
        defer { storage.markChanged() }
        return try body(UnsafeMutableBufferPointer(start: pointer, count: count))
    }

    /// Overwrites the elements with those of `other`, outside the graph.
    /// - Precondition: The shapes are equal.
    public final func assign(_ other: Tensor) {
        require(shape == other.shape, "assign: shape \(other.shape) into shape \(shape)")
        withMutableScalars { target in other.copyElements(to: target.baseAddress!, strides: strides) }
    }

    /// The element at one place.
    public final subscript(scalar indexes: Int...) -> Float {
        require(indexes.count == shape.count && zip(indexes, shape).allSatisfy { $0 >= 0 && $0 < $1 },
                "element \(indexes) of a tensor of shape \(shape)")
        return pointer[zip(indexes, strides).reduce(0) { $0 + $1.0 * $1.1 }]
    }
}

extension Tensor {
    /// A tensor of zeros.
    public static func zeros(_ shape: Shape) -> Tensor { full(shape, 0) }
    /// A tensor of ones.
    public static func ones(_ shape: Shape) -> Tensor { full(shape, 1) }

    /// A tensor with one value everywhere.
    public static func full(_ shape: Shape, _ value: Float) -> Tensor {
        let result = uninitialized(shape)
        ck_fill(Int64(result.count), value, result.pointer)
        return result
    }

    /// The whole numbers from 0 up to, not including, `count`.
    public static func range(_ count: Int) -> Tensor { Tensor((0..<count).map(Float.init)) }

    /// `count` values from `first` to `last` in equal steps.
    public static func linspace(_ first: Float, _ last: Float, count: Int) -> Tensor {
        Tensor((0..<count).map { count == 1 ? first : first + (last - first) * Float($0) / Float(count - 1) })
    }

    /// The identity matrix, shape `[size, size]`.
    public static func identity(_ size: Int) -> Tensor {
        let result = zeros([size, size])
        for index in 0..<size { result.pointer[index * size + index] = 1 }
        return result
    }
}

extension Tensor: CustomStringConvertible {
    /// The shape and the first elements.
    public var description: String {
        let shown = scalars.prefix(8).map { "\($0)" }.joined(separator: ", ")
        return "Tensor\(shape)(\(shown)\(count > 8 ? ", …" : ""))"
    }
}
