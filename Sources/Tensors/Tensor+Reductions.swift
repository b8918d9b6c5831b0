import CKernels

extension Tensor {
    /// Reduces the given dimensions with a kernel, outside the graph; the result keeps them with size 1.
    private func reduced(_ operation: Int, _ dimensions: [Int]) -> Tensor {
        let operation = Int32(operation)
        var target = shape
        for dimension in dimensions { target[dimension] = 1 }
        require(count > 0 || operation == Int32(CK_SUM), "a maximum or minimum of no elements, shape \(shape)")
        if count == 0 { return .zeros(target) }
        // In memory order the reduced dimensions usually are one block: [outer, reduced, inner].
        let order = isChannelsLast && !isContiguous ? [0, 2, 3, 1] : Array(shape.indices)
        let reducedOrder = order.filter { dimensions.contains($0) && shape[$0] != 1 }
        let keptOrder = order.filter { !dimensions.contains($0) && shape[$0] != 1 }
        let first = order.firstIndex { reducedOrder.contains($0) } ?? order.count
        let last = order.lastIndex { reducedOrder.contains($0) } ?? -1
        let isBlock = first > last || order[first...last].allSatisfy { !keptOrder.contains($0) }
        if isDense && (isContiguous || isChannelsLast) && isBlock {
            let outer = order[..<Swift.min(first, order.count)].reduce(1) { $0 * shape[$1] }
            let inner = last < 0 ? 1 : order[(last + 1)...].reduce(1) { $0 * shape[$1] }
            let result = order == Array(shape.indices) ? Tensor(uninitialized: target) : Tensor.uninitializedChannelsLast(target)
            ck_reduce(operation, Int64(outer), Int64(count / outer / inner), Int64(inner), pointer, result.pointer)
            return result
        }
        let moved = detach().permute(keptOrder + shape.indices.filter { !keptOrder.contains($0) && !reducedOrder.contains($0) } + reducedOrder).copied()
        let inner = reducedOrder.reduce(1) { $0 * shape[$1] }
        let result = Tensor(uninitialized: target)
        if keptOrder == keptOrder.sorted() {
            ck_reduce(operation, Int64(count / inner), Int64(inner), 1, moved.pointer, result.pointer)
            return result
        }
        let scratch = Tensor(uninitialized: Shape(keptOrder.map { shape[$0] }))
        ck_reduce(operation, Int64(count / inner), Int64(inner), 1, moved.pointer, scratch.pointer)
        var inverse = Array(repeating: 0, count: keptOrder.count)
        for (rank, dimension) in keptOrder.sorted().enumerated() { inverse[rank] = keptOrder.firstIndex(of: dimension)! }
        return scratch.permute(inverse).copied().reshape(target)
    }

    private func resolveAll(_ dimensions: [Int], _ operation: StaticString) -> [Int] {
        let resolved = dimensions.map { resolve($0, operation) }
        require(Set(resolved).count == resolved.count, "\(operation): a dimension is named twice in \(dimensions)")
        return resolved.sorted()
    }

    private func finish(_ result: Tensor, _ dimensions: [Int], keep: Bool) -> Tensor {
        if keep { return result }
        var sizes: [Int] = []
        for dimension in shape.indices where !dimensions.contains(dimension) { sizes.append(shape[dimension]) }
        return result.reshape(Shape(sizes))
    }

    /// The sum over the given dimensions, or over all.
    /// - Parameter keepDimensions: Leave the reduced dimensions in place with size 1.
    public final func sum(_ dimensions: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        let dimensions = resolveAll(dimensions ?? Array(shape.indices), "sum")
        let result = finish(reduced(CK_SUM, dimensions), dimensions, keep: keepDimensions)
        let (node, shape) = (node, shape)
        return result.recorded(from: self) { gradient, flow in
            flow.add(gradient.spread(to: shape, dimensions), to: node)
        }
    }

    /// The gradient of a sum: repeated along the reduced dimensions, as a view.
    private func spread(to target: Shape, _ dimensions: [Int]) -> Tensor {
        var kept = target
        for dimension in dimensions { kept[dimension] = 1 }
        return reshape(kept).expand(target)
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
        let dimensions = resolveAll(dimensions ?? Array(shape.indices), "max")
        let kept = reduced(operation, dimensions)
        return finish(kept, dimensions, keep: keep).recorded(from: self) { gradient, flow in
            let isBest = self.detach().equals(kept)
            let share = isBest / isBest.sum(dimensions, keepDimensions: true)
            flow.add(share * gradient.reshape(kept.shape), to: self.node)
        }
    }

    /// The index of the largest element along one dimension, which disappears; the first of equals.
    public final func argmax(_ dimension: Int = -1) -> Tensor {
        let place = resolve(dimension, "argmax")
        return finish(reduced(CK_ARGMAX, [place]), [place], keep: false)
    }

    /// The index of the smallest element along one dimension, which disappears; the first of equals.
    public final func argmin(_ dimension: Int = -1) -> Tensor {
        let place = resolve(dimension, "argmin")
        return finish(reduced(CK_ARGMIN, [place]), [place], keep: false)
    }

    /// The sum of the squares of all elements, in double precision; for gradient norms. Outside the graph.
    public final func sumOfSquares() -> Double {
        let dense = isDense ? self : copied()
        return ck_sum_of_squares(Int64(count), dense.pointer)
    }
}
