import CKernels

extension Tensor {
    /// Reduces the given dimensions with a kernel, outside the graph.
    /// - Parameter keep: Whether the result has them with size 1, or not at all.
    private func reduced(_ operation: Int, _ dimensions: Dimensions, keep: Bool) -> Tensor {
        require(count > 0 || operation == CK_SUM, "a maximum or minimum of no elements, shape \(shape)")
        let target = keep ? shape.reducing(dimensions) : shape.removing(dimensions)
        if count == 0 { return .zeros(target) }
        let result = isContiguous || isChannelsLast ? reducedInPlace(Int32(operation), dimensions, target) : nil
        return result ?? reducedAfterMoving(Int32(operation), dimensions, target)
    }

    /// In memory order the reduced dimensions usually are one block, [outer, reduced, inner]; `nil` where they are not.
    private func reducedInPlace(_ operation: Int32, _ dimensions: Dimensions, _ target: Shape) -> Tensor? {
        var outer = 1, block = 1, inner = 1
        for place in shape.indices {
            let dimension = isContiguous ? place : Shape.channelsLastOrder[place], size = shape[dimension]
            if size == 1 { continue }
            if !dimensions.contains(dimension) {
                if block == 1 { outer *= size } else { inner *= size }
            } else if inner == 1 {
                block *= size
            } else {
                return nil
            }
        }
        if block == 1 { swap(&outer, &inner) }
        let result = isContiguous ? Tensor.uninitialized(target) : .uninitializedChannelsLast(shape.reducing(dimensions))
        ck_reduce(operation, Int64(outer), Int64(block), Int64(inner), pointer, result.pointer)
        return result.reshape(target)
    }

    /// Puts the reduced dimensions last in a copy, then reduces its rows.
    private func reducedAfterMoving(_ operation: Int32, _ dimensions: Dimensions, _ target: Shape) -> Tensor {
        let kept = shape.indices.filter { !dimensions.contains($0) }, reduced = shape.indices.filter(dimensions.contains)
        let moved = detach().permute(kept + reduced).copied(), result = Tensor.uninitialized(target)
        let inner = reduced.reduce(1) { $0 * shape[$1] }
        ck_reduce(operation, Int64(count / inner), Int64(inner), 1, moved.pointer, result.pointer)
        return result
    }

    private func resolveAll(_ dimensions: [Int]?, _ operation: StaticString) -> Dimensions {
        guard let dimensions else { return Dimensions(all: shape.count) }
        var resolved = Dimensions()
        for dimension in dimensions { resolved.insert(resolve(dimension, operation)) }
        require(resolved.count == dimensions.count, "\(operation): a dimension is named twice in \(dimensions)")
        return resolved
    }

    /// The sum over the given dimensions, or over all.
    /// - Parameter keepDimensions: Leave the reduced dimensions in place with size 1.
    public final func sum(_ dimensions: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        sum(resolveAll(dimensions, "sum"), keep: keepDimensions)
    }

    final func sum(_ dimensions: Dimensions, keep: Bool) -> Tensor {
        let result = reduced(CK_SUM, dimensions, keep: keep)
        return result.recorded(from: self, keeping: (node: node, shape: shape, dimensions: dimensions)) { kept, gradient, flow in
            flow.add(gradient.spread(to: kept.shape, kept.dimensions), to: kept.node)
        }
    }

    /// The gradient of a sum: repeated along the reduced dimensions, as a view.
    private func spread(to target: Shape, _ dimensions: Dimensions) -> Tensor {
        let dense = contiguousElements(), kept = target.reducing(dimensions)
        var steps = kept.rowMajorStrides
        for dimension in target.indices where kept[dimension] != target[dimension] { steps[dimension] = 0 }
        return Results.take(dense.storage, Layout(target, strides: steps, offset: dense.offset))
    }

    /// The mean over the given dimensions, or over all.
    public final func mean(_ dimensions: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        let total = sum(dimensions, keepDimensions: keepDimensions)
        return total * (Float(total.count) / Float(count))
    }

    /// The variance over the given dimensions, or over all.
    /// - Parameter unbiased: Divide by n − 1 rather than n, as for a sample of a larger population.
    public final func variance(_ dimensions: [Int]? = nil, unbiased: Bool = true, keepDimensions: Bool = false) -> Tensor {
        let centered = self - mean(dimensions, keepDimensions: true).expandIfNeeded(to: self, dimensions)
        let squares = centered.square().sum(dimensions, keepDimensions: keepDimensions)
        let n = count / Swift.max(1, squares.count)
        return squares * (1 / Float(unbiased ? n - 1 : n))
    }

    private func expandIfNeeded(to other: Tensor, _ dimensions: [Int]?) -> Tensor {
        dimensions == nil ? reshape(Shape(repeatElement(1, count: other.shape.count))) : self
    }

    /// The standard deviation over the given dimensions, or over all; see ``variance(_:unbiased:keepDimensions:)``.
    public final func std(_ dimensions: [Int]? = nil, unbiased: Bool = true, keepDimensions: Bool = false) -> Tensor {
        variance(dimensions, unbiased: unbiased, keepDimensions: keepDimensions).sqrt()
    }

    /// The largest element over the given dimensions, or over all. Equal largest ones share the gradient.
    public final func max(_ dimensions: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        extremum(CK_REDUCE_MAX, dimensions, keepDimensions)
    }

    /// The smallest element over the given dimensions, or over all. Equal smallest ones share the gradient.
    public final func min(_ dimensions: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        extremum(CK_REDUCE_MIN, dimensions, keepDimensions)
    }

    private func extremum(_ operation: Int, _ dimensions: [Int]?, _ keep: Bool) -> Tensor {
        let dimensions = resolveAll(dimensions, "max")
        let best = reduced(operation, dimensions, keep: keep)
        let kept = best.detach().reshape(shape.reducing(dimensions))
        return best.recorded(from: self, keeping: (input: self, best: kept, dimensions: dimensions)) { kept, gradient, flow in
            let isBest = kept.input.detach().equals(kept.best)
            let share = isBest / isBest.sum(kept.dimensions, keep: true)
            flow.add(share * gradient.reshape(kept.best.shape), to: kept.input.node)
        }
    }

    /// The index of the largest element along one dimension, which disappears; the first of equals.
    public final func argmax(_ dimension: Int = -1) -> Tensor {
        reduced(CK_ARGMAX, resolveAll([dimension], "argmax"), keep: false)
    }

    /// The index of the smallest element along one dimension, which disappears; the first of equals.
    public final func argmin(_ dimension: Int = -1) -> Tensor {
        reduced(CK_ARGMIN, resolveAll([dimension], "argmin"), keep: false)
    }

    /// The sum of the squares of all elements, in double precision; for gradient norms. Outside the graph.
    public final func sumOfSquares() -> Double {
        if isContiguous { return ck_sum_of_squares(Int64(count), pointer) }
        let dense = isDense ? self : copied()
        return ck_sum_of_squares(Int64(count), dense.pointer)
    }

    /// ``sumOfSquares()`` of ``grad``, 0 where there is none. Asked of each parameter at each step, so it counts no references.
    package final var gradientSumOfSquares: Double { node?.gradient?.sumOfSquares() ?? 0 }
}
