import CKernels

extension Tensor {
    /// Reduces the given dimensions with a kernel, outside the graph; the result keeps them with size 1.
    private func reduced(_ operation: Int, _ dimensions: [Int]) -> Tensor {
        var target = shape
        for dimension in dimensions { target[dimension] = 1 }
        require(count > 0 || operation == CK_SUM, "a maximum or minimum of no elements, shape \(shape)")
        if count == 0 { return .zeros(target) }
        if isContiguous || isChannelsLast, let result = reducedInPlace(Int32(operation), dimensions, target) { return result }
        return reducedAfterMoving(Int32(operation), dimensions, target)
    }

    /// In memory order the reduced dimensions usually are one block, [outer, reduced, inner]; `nil` where they are not.
    private func reducedInPlace(_ operation: Int32, _ dimensions: [Int], _ target: Shape) -> Tensor? {
        let order = isContiguous ? Array(shape.indices) : [0, 2, 3, 1]
        let isReduced = order.map { dimensions.contains($0) && shape[$0] != 1 }
        let first = isReduced.firstIndex(of: true) ?? 0, last = isReduced.lastIndex(of: true) ?? -1
        for place in order.indices where place >= first && place <= last && !isReduced[place] && shape[order[place]] != 1 { return nil }
        let outer = order[..<first].reduce(1) { $0 * shape[$1] }
        let inner = last < 0 ? count / outer : order[(last + 1)...].reduce(1) { $0 * shape[$1] }
        let result = isContiguous ? Tensor(uninitialized: target) : Tensor.uninitializedChannelsLast(target)
        ck_reduce(operation, Int64(outer), Int64(count / outer / inner), Int64(inner), pointer, result.pointer)
        return result
    }

    /// Puts the reduced dimensions last in a copy, then reduces its rows.
    private func reducedAfterMoving(_ operation: Int32, _ dimensions: [Int], _ target: Shape) -> Tensor {
        let kept = shape.indices.filter { !dimensions.contains($0) }
        let moved = detach().permute(kept + dimensions).copied(), result = Tensor(uninitialized: target)
        let inner = dimensions.reduce(1) { $0 * shape[$1] }
        ck_reduce(operation, Int64(count / inner), Int64(inner), 1, moved.pointer, result.pointer)
        return result
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
