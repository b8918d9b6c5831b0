/// How a tensor's elements lie in its storage.
struct Layout {
    /// The sizes of the dimensions, outermost first.
    let shape: Shape
    /// Steps between neighbours of each dimension, in elements; 0 where a broadcast repeats one.
    let strides: Shape
    /// The first element's place.
    let offset: Int
    /// Whether the elements lie without gaps in row-major order.
    let isContiguous: Bool

    /// In row-major order.
    init(rowMajor shape: Shape, offset: Int = 0) {
        (self.shape, strides, self.offset, isContiguous) = (shape, shape.rowMajorStrides, offset, true)
    }

    init(_ shape: Shape, strides: Shape, offset: Int = 0) {
        (self.shape, self.strides, self.offset) = (shape, strides, offset)
        isContiguous = Tensor.sameOrder(strides, shape.rowMajorStrides, shape: shape)
    }
}
