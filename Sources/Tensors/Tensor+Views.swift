import CKernels

extension Tensor {
    /// Whether two stride lists walk elements in the same order: strides of dimensions of size 1 don't matter.
    static func sameOrder(_ a: Shape, _ b: Shape, shape: Shape) -> Bool {
        if a == b { return true }
        for dimension in shape.indices where shape[dimension] != 1 && a[dimension] != b[dimension] { return false }
        return true
    }

    /// Whether this is an image tensor whose elements lie in the order n, h, w, c.
    final var isChannelsLast: Bool { shape.count == 4 && Tensor.sameOrder(strides, shape.channelsLastStrides, shape: shape) }

    /// Whether the elements fill their part of the storage without gaps or repeats, in any order of dimensions.
    final var isDense: Bool {
        if isContiguous || isChannelsLast { return true }
        var expected = 1
        let order = shape.indices.filter { shape[$0] != 1 }.sorted { strides[$0] < strides[$1] }
        for dimension in order {
            if strides[dimension] != expected { return false }
            expected *= shape[dimension]
        }
        return true
    }

    final func copyElements(to target: UnsafeMutablePointer<Float>, strides targetStrides: Shape) {
        if count == 0 { return }
        shape.withSizes { sizes in
            strides.withSizes { from in
                targetStrides.withSizes { to in ck_copy(Int32(shape.count), sizes, pointer, from, target, to) }
            }
        }
    }

    /// A row-major copy outside the graph.
    final func copied() -> Tensor {
        let result = Tensor.uninitialized(shape)
        copyElements(to: result.pointer, strides: result.strides)
        return result
    }

    /// The same elements in row-major order, outside the graph; `self` where they lie so already.
    final func contiguousElements() -> Tensor { isContiguous ? self : copied() }

    /// The same elements in the order n, h, w, c, outside the graph.
    final func channelsLastElements() -> Tensor {
        if isChannelsLast { return self }
        let result = Tensor.uninitializedChannelsLast(shape)
        copyElements(to: result.pointer, strides: result.strides)
        return result
    }

    static func uninitializedChannelsLast(_ shape: Shape) -> Tensor {
        Results.take(.take(count: shape.elementCount), Layout(shape, strides: shape.channelsLastStrides))
    }

    /// A tensor with undefined elements that lie in the order of `other`'s.
    static func uninitialized(like other: Tensor) -> Tensor {
        if other.isContiguous { return Tensor.uninitialized(other.shape) }
        return Results.take(.take(count: other.count), Layout(other.shape, strides: other.strides))
    }

    /// The same elements in row-major order; gradients pass.
    public final func contiguous() -> Tensor {
        if isContiguous { return self }
        return clone()
    }

    private func view(_ shape: Shape, _ strides: Shape, offset: Int = 0) -> Tensor {
        Results.take(storage, Layout(shape, strides: strides, offset: self.offset + offset))
    }

    /// A dimension counted from the end when negative.
    final func resolve(_ dimension: Int, _ operation: StaticString) -> Int {
        let resolved = dimension < 0 ? dimension + shape.count : dimension
        require(resolved >= 0 && resolved < shape.count,
                "\(operation): dimension \(dimension) of a tensor of shape \(shape). Use 0 to \(shape.count - 1), or negative from the end.")
        return resolved
    }

    /// A view with the dimensions in another order: `images.permute(0, 3, 1, 2)` reads `[n, h, w, c]` as `[n, c, h, w]`.
    /// - Precondition: Each dimension is named once.
    public final func permute(_ order: Int...) -> Tensor { permute(order) }

    /// A view with the dimensions in another order.
    public final func permute(_ order: [Int]) -> Tensor {
        var resolved = Shape()
        for dimension in order { resolved.append(resolve(dimension, "permute")) }
        require(order.count == shape.count && Dimensions(resolved).count == order.count,
                "permute: order \(resolved) does not name each dimension of shape \(shape) once")
        return permuted(resolved)
    }

    /// A view whose dimension *i* is this tensor's dimension `order[i]`.
    final func permuted(_ order: Shape) -> Tensor {
        view(shape.ordered(order), strides.ordered(order)).recorded(from: self, keeping: (node: node, order: order)) { kept, gradient, flow in
            var inverse = kept.order
            for place in kept.order.indices { inverse[kept.order[place]] = place }
            flow.add(gradient.permuted(inverse), to: kept.node)
        }
    }

    /// A view with two dimensions exchanged; by default the last two.
    public final func transpose(_ first: Int = -2, _ second: Int = -1) -> Tensor {
        let (a, b) = (resolve(first, "transpose"), resolve(second, "transpose"))
        var order = shape
        for place in order.indices { order[place] = place }
        (order[a], order[b]) = (b, a)
        return permuted(order)
    }

    /// The same elements in row-major order under another shape: a view where possible, else a copy.
    /// - Parameter newShape: One size may be −1: it is what remains.
    /// - Precondition: The number of elements stays the same.
    public final func reshape(_ newShape: [Int]) -> Tensor {
        var sizes = newShape
        let known = newShape.filter { $0 != -1 }.reduce(1, *)
        if let open = sizes.firstIndex(of: -1) { sizes[open] = known == 0 ? 0 : count / known }
        require(sizes.filter { $0 < 0 }.isEmpty && sizes.reduce(1, *) == count,
                "reshape: shape \(shape) has \(count) elements, \(newShape) does not")
        return reshape(Shape(sizes))
    }

    /// The same elements in row-major order under another shape: a view where possible, else a copy.
    public final func reshape(_ newShape: Shape) -> Tensor {
        require(newShape.elementCount == count, "reshape: shape \(shape) has \(count) elements, \(newShape) has \(newShape.elementCount)")
        if newShape == shape && isContiguous { return self }
        let dense = contiguousElements()
        let result = Results.take(dense.storage, Layout(rowMajor: newShape, offset: dense.offset))
        return result.recorded(from: self, keeping: (node: node, shape: shape)) { kept, gradient, flow in
            flow.add(gradient.reshape(kept.shape), to: kept.node)
        }
    }

    /// Joins the dimensions from `start` to the last into one: `[n, c, h, w]` becomes `[n, c·h·w]`.
    public final func flatten(from start: Int = 1) -> Tensor {
        var joined = Shape()
        var rest = 1
        for dimension in shape.indices {
            if dimension < start { joined.append(shape[dimension]) } else { rest *= shape[dimension] }
        }
        joined.append(rest)
        return reshape(joined)
    }

    /// A view with a dimension of size 1 inserted.
    public final func unsqueeze(_ dimension: Int) -> Tensor {
        let place = dimension < 0 ? dimension + shape.count + 1 : dimension
        require(place >= 0 && place <= shape.count, "unsqueeze: place \(dimension) in a tensor of shape \(shape)")
        let result = view(shape.inserting(1, at: place), strides.inserting(0, at: place))
        return result.recorded(from: self, keeping: (node: node, place: place)) { kept, gradient, flow in
            flow.add(gradient.squeeze(kept.place), to: kept.node)
        }
    }

    /// A view without a dimension of size 1.
    public final func squeeze(_ dimension: Int) -> Tensor {
        let place = resolve(dimension, "squeeze")
        require(shape[place] == 1, "squeeze: dimension \(dimension) of shape \(shape) has size \(shape[place]), not 1")
        let result = view(shape.removing(place), strides.removing(place))
        return result.recorded(from: self, keeping: (node: node, place: place)) { kept, gradient, flow in
            flow.add(gradient.unsqueeze(kept.place), to: kept.node)
        }
    }

    /// A view that repeats dimensions of size 1 (and new outer ones) up to the given shape.
    public final func expand(_ newShape: Shape) -> Tensor {
        if newShape == shape { return self }
        require(Shape.broadcast(shape, newShape) == newShape, "expand: shape \(shape) does not repeat to \(newShape)")
        let result = view(newShape, broadcastStrides(to: newShape))
        return result.recorded(from: self, keeping: (node: node, shape: shape)) { kept, gradient, flow in
            flow.add(gradient.summed(to: kept.shape), to: kept.node)
        }
    }

    final func broadcastStrides(to newShape: Shape) -> Shape {
        var result = newShape
        let missing = newShape.count - shape.count
        for dimension in newShape.indices {
            let own = dimension - missing
            result[dimension] = own < 0 || (shape[own] == 1 && newShape[dimension] != 1) ? 0 : strides[own]
        }
        return result
    }

    /// The gradient of a broadcast: sums over the repeated dimensions.
    final func summed(to target: Shape) -> Tensor {
        if shape == target { return self }
        let missing = shape.count - target.count
        var repeated = Dimensions()
        for dimension in shape.indices where dimension < missing || (target[dimension - missing] == 1 && shape[dimension] != 1) {
            repeated.insert(dimension)
        }
        return sum(repeated, keep: true).reshape(target)
    }

    /// A view of the indexes `range` along one dimension, in steps of `step`.
    /// - Precondition: The range lies inside the dimension.
    public final func slice(_ range: Range<Int>, dimension: Int = 0, step: Int = 1) -> Tensor {
        let place = resolve(dimension, "slice")
        require(range.lowerBound >= 0 && range.upperBound <= shape[place] && step > 0,
                "slice: \(range) in steps of \(step) of dimension \(dimension), which has size \(shape[place]) in \(shape)")
        let size = (range.count + step - 1) / step
        let result = view(shape.replacing(place, with: size), strides.replacing(place, with: strides[place] * step),
                          offset: range.isEmpty ? 0 : range.lowerBound * strides[place])
        return result.recorded(from: self, keeping: (
            node: node, shape: shape, start: range.lowerBound, place: place, step: step
        )) { kept, gradient, flow in
            flow.add(gradient.placed(in: kept.shape, from: kept.start, dimension: kept.place, step: kept.step), to: kept.node)
        }
    }

    /// The gradient of a slice: zeros around this tensor.
    private func placed(in whole: Shape, from start: Int, dimension: Int, step: Int) -> Tensor {
        let result = Tensor.zeros(whole)
        copyElements(to: result.pointer + start * result.strides[dimension],
                     strides: result.strides.replacing(dimension, with: result.strides[dimension] * step))
        return result
    }

    /// A view of one index along the outermost dimension, which disappears: `batch[0]`.
    public final subscript(index: Int) -> Tensor {
        require(!shape.isEmpty && index >= 0 && index < shape[0], "index \(index) of a tensor of shape \(shape)")
        return slice(index..<index + 1).squeeze(0)
    }

    /// A view of a range of the outermost dimension: `batch[0..<8]`.
    public final subscript(range: Range<Int>) -> Tensor { slice(range) }

    /// The tensors one after another along an existing dimension.
    /// - Precondition: The other sizes agree.
    public static func concatenate(_ tensors: [Tensor], dimension: Int = 0) -> Tensor {
        require(!tensors.isEmpty, "concatenate: no tensors given")
        let place = tensors[0].resolve(dimension, "concatenate")
        var shape = tensors[0].shape
        for tensor in tensors {
            require(tensor.shape.count == shape.count && tensor.shape.replacing(place, with: 0) == shape.replacing(place, with: 0),
                    "concatenate: shapes \(tensors[0].shape) and \(tensor.shape) differ outside dimension \(dimension)")
        }
        shape[place] = tensors.reduce(0) { $0 + $1.shape[place] }
        let result = Tensor.uninitialized(shape)
        var start = 0
        var parts: [(Node?, Range<Int>)] = []
        for tensor in tensors {
            tensor.copyElements(to: result.pointer + start * result.strides[place], strides: result.strides)
            parts.append((tensor.node, start..<start + tensor.shape[place]))
            start += tensor.shape[place]
        }
        return result.recorded(from: tensors, keeping: (parts: parts, place: place)) { kept, gradient, flow in
            for (node, range) in kept.parts { flow.add(gradient.slice(range, dimension: kept.place), to: node) }
        }
    }

    /// The tensors as indexes of a new dimension.
    /// - Precondition: All shapes are equal.
    public static func stack(_ tensors: [Tensor], dimension: Int = 0) -> Tensor {
        for tensor in tensors {
            require(tensor.shape == tensors[0].shape, "stack: shapes \(tensors[0].shape) and \(tensor.shape) differ")
        }
        return concatenate(tensors.map { $0.unsqueeze(dimension) }, dimension: dimension)
    }
}
