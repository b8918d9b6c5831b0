import CKernels

extension Tensor {
    /// The matrix product over the last two dimensions: `[…, m, k] · […, k, n]` is `[…, m, n]`; outer dimensions
    /// broadcast. A vector on the left counts as one row, on the right as one column, and that dimension disappears.
    public final func matmul(_ other: Tensor) -> Tensor {
        require(!shape.isEmpty && !other.shape.isEmpty, "matmul: \(shape) · \(other.shape), a scalar has no rows. Use *.")
        if shape.count == 1 { return unsqueeze(0).matmul(other).squeeze(other.shape.count == 1 ? 0 : -2) }
        if other.shape.count == 1 { return matmul(other.unsqueeze(1)).squeeze(-1) }
        let (k, otherK) = (shape[shape.count - 1], other.shape[other.shape.count - 2])
        require(k == otherK, "matmul: \(shape) · \(other.shape), inner sizes \(k) and \(otherK) differ"
                + Tensor.matmulHint(shape, other.shape))
        if other.shape.count == 2 { return timesMatrix(other) }
        return batchedMatmul(other)
    }

    private static func matmulHint(_ a: Shape, _ b: Shape) -> String {
        if a[a.count - 1] == b[b.count - 1] { return ". transpose() the second: its last size fits." }
        if a[a.count - 2] == b[b.count - 2] { return ". transpose() the first: its rows fit." }
        return ""
    }

    /// How a matrix lies in memory: row-major, or row-major when transposed.
    private func matrixOrder() -> (tensor: Tensor, isTransposed: Bool, leading: Int) {
        let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
        if shape.count == 2 && !isContiguous {
            if strides[1] == 1 && strides[0] >= columns { return (self, false, strides[0]) }
            if strides[0] == 1 && strides[1] >= rows { return (self, true, strides[1]) }
        }
        return (contiguousElements(), false, columns)
    }

    /// `[…, m, k] · [k, n]`: all outer dimensions are rows of one product.
    private func timesMatrix(_ other: Tensor) -> Tensor {
        let result = Tensor.uninitialized(shape.replacing(shape.count - 1, with: other.shape[1]))
        let left = shape.count == 2 ? self : detach().reshape(Shape(count / Swift.max(1, shape[shape.count - 1]), shape[shape.count - 1]))
        Tensor.multiply(left.detach(), other, into: result)
        let (rows, k, n) = (left.shape[0], shape[shape.count - 1], other.shape[1])
        return result.recorded(from: self, other, keeping: (a: self, b: other, rows: rows, k: k, n: n)) { kept, gradient, flow in
            let (a, b) = (kept.a, kept.b), gradient = gradient.reshape(Shape(kept.rows, kept.n))
            flow.add(Tensor.product(gradient, b.detach().transpose()).reshape(a.shape), to: a.node)
            flow.add(Tensor.product(a.detach().reshape(Shape(kept.rows, kept.k)).transpose(), gradient), to: b.node)
        }
    }

    /// `a · b` for two matrices, outside the graph.
    static func product(_ a: Tensor, _ b: Tensor) -> Tensor {
        let result = Tensor.uninitialized(Shape(a.shape[0], b.shape[1]))
        multiply(a, b, into: result)
        return result
    }

    static func multiply(_ a: Tensor, _ b: Tensor, into result: Tensor) {
        let (left, right) = (a.matrixOrder(), b.matrixOrder())
        let (m, k, n) = (Int64(a.shape[0]), Int64(a.shape[1]), Int64(b.shape[1]))
        ck_gemm(left.isTransposed, right.isTransposed, m, n, k, left.tensor.pointer, Int64(left.leading),
                right.tensor.pointer, Int64(right.leading), result.pointer, n, false, nil, false)
    }

    private func batchedMatmul(_ other: Tensor) -> Tensor {
        let (outerA, outerB) = (Shape(shape.dropLast(2)), Shape(other.shape.dropLast(2)))
        guard let outer = Shape.broadcast(outerA, outerB) else {
            fatalError("matmul: \(shape) · \(other.shape), outer sizes \(outerA) and \(outerB) do not broadcast")
        }
        let (m, k, n) = (shape[shape.count - 2], shape[shape.count - 1], other.shape[other.shape.count - 1])
        let a = detach().expand(Shape(outer.sizes + [m, k])), b = other.detach().expand(Shape(outer.sizes + [k, n]))
        let result = Tensor.batchProduct(a, b)
        return result.recorded(from: self, other, keeping: (
            a: a, b: b, nodeA: node, nodeB: other.node, shapeA: shape, shapeB: other.shape
        )) { kept, gradient, flow in
            flow.add(Tensor.batchProduct(gradient, kept.b.transpose()).summed(to: kept.shapeA), to: kept.nodeA)
            flow.add(Tensor.batchProduct(kept.a.transpose(), gradient).summed(to: kept.shapeB), to: kept.nodeB)
        }
    }

    /// Products of stacks of matrices with equal outer sizes, outside the graph.
    private static func batchProduct(_ a: Tensor, _ b: Tensor) -> Tensor {
        let (m, k, n) = (a.shape[a.shape.count - 2], a.shape[a.shape.count - 1], b.shape[b.shape.count - 1])
        let result = Tensor.uninitialized(Shape(a.shape.dropLast(2) + [m, n]))
        let (left, right) = (a.batchOrder(), b.batchOrder())
        ck_gemm_batch(Int64(result.count / Swift.max(1, m * n)), left.isTransposed, right.isTransposed, Int64(m), Int64(n), Int64(k),
                      left.tensor.pointer, Int64(m * k), right.tensor.pointer, Int64(k * n), result.pointer, Int64(m * n))
        return result
    }

    private func batchOrder() -> (tensor: Tensor, isTransposed: Bool) {
        if isContiguous { return (self, false) }
        let flipped = transpose()
        return flipped.isContiguous ? (flipped, true) : (contiguousElements(), false)
    }

    /// `x · wᵀ + b`, what a linear layer computes: `[…, in]`, `[out, in]`, `[out]` give `[…, out]`.
    /// - Parameter relu: Cut negative results to 0 in the same pass.
    public static func linear(_ x: Tensor, weight: Tensor, bias: Tensor? = nil, relu: Bool = false) -> Tensor {
        let width = x.shape.last ?? 0
        require(weight.shape.count == 2 && width == weight.shape[1],
                "linear: input \(x.shape) · weight \(weight.shape)ᵀ, the input's last size is \(width), the layer expects "
                + "\(weight.shape.last ?? 0). Flatten or reshape the input, or make the layer with \(width) inputs.")
        require(bias?.isVector(weight.shape[0]) ?? true, "linear: bias \(bias!.shape) for \(weight.shape[0]) outputs")
        let (rows, outputs) = (x.count / Swift.max(1, width), weight.shape[0])
        let input = x.contiguousElements()
        let result = Tensor.uninitialized(x.shape.replacing(x.shape.count - 1, with: outputs))
        ck_gemm(false, true, Int64(rows), Int64(outputs), Int64(width), input.pointer, Int64(width), weight.pointer, Int64(width),
                result.pointer, Int64(outputs), false, bias?.pointer, relu)
        return result.recorded(from: x, weight, bias, keeping: (
            input: input, w: weight, shape: x.shape, source: x.node, weight: weight.node, bias: bias?.node, output: relu ? result.detach() : nil
        )) { kept, gradient, flow in
            let (outputs, width) = (kept.w.shape[0], kept.w.shape[1])
            var gradient = gradient.reshape(Shape(gradient.count / outputs, outputs)).contiguousElements()
            if let output = kept.output { gradient = gradient.maskedByRelu(output) }
            flow.add(Tensor.product(gradient, kept.w).reshape(kept.shape), to: kept.source)
            flow.add(Tensor.weightGradient(gradient, kept.input, Shape(outputs, width)), to: kept.weight)
            flow.add(gradient.sum(.first, keep: false), to: kept.bias)
        }
    }

    /// `gradientᵀ · input`. Of a single example it is a column times a row, which an optimizer's step can take without it being
    /// written out: a small model's step is bound by memory.
    private static func weightGradient(_ gradient: Tensor, _ input: Tensor, _ shape: Shape) -> Tensor {
        let (rows, outputs, width) = (Int64(gradient.shape[0]), Int64(shape[0]), Int64(shape[1]))
        if rows != 1 {
            let result = Tensor.uninitialized(shape)
            ck_gemm(true, false, outputs, width, rows, gradient.pointer, outputs, input.pointer, width, result.pointer, width, false, nil, false)
            return result
        }
        return Results.take(.take(OuterProduct(column: gradient, row: input)), Layout(rowMajor: shape))
    }

    /// This gradient before the ReLU that made `output`.
    private func maskedByRelu(_ output: Tensor) -> Tensor {
        let result = Tensor.uninitialized(shape)
        ck_map_gradient(Int32(CK_RELU), Int64(count), output.pointer, output.pointer, pointer, result.pointer, 0, 0)
        return result
    }
}
