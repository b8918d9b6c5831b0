import CKernels

extension Tensor {
    /// Batch normalisation over all dimensions but the second, `[n, channels, …]`.
    /// Source: Ioffe, Szegedy, *Batch Normalization* (2015).
    ///
    /// - Parameters:
    ///   - statistics: Fixed mean and variance `[channels]`, as in evaluation; `nil` takes them from this batch.
    ///   - epsilon: Added to the variance.
    /// - Returns: The normalised tensor, and the batch's mean and (biased) variance.
    public final func batchNorm(
        weight: Tensor?, bias: Tensor?, statistics: (mean: Tensor, variance: Tensor)? = nil, epsilon: Float = 1e-5
    ) -> (output: Tensor, mean: Tensor, variance: Tensor) {
        checkBatchNorm(weight, usesBatch: statistics == nil)
        let channels = shape[1], rows = count / Swift.max(1, channels)
        let input = detach().channelsMovedLast().contiguousElements()
        let mean = statistics?.mean ?? Tensor.uninitialized(Shape(channels))
        let variance = statistics?.variance ?? Tensor.uninitialized(Shape(channels))
        if statistics == nil { ck_moments(Int64(rows), Int64(channels), input.pointer, mean.pointer, variance.pointer) }
        let inverse = variance.detach().affine(1, epsilon).sqrt().reciprocal()
        let output = Tensor.uninitialized(input.shape)
        ck_normalize(Int64(rows), Int64(channels), input.pointer, mean.pointer, inverse.pointer, weight?.pointer, bias?.pointer, output.pointer)
        let result = output.channelsMovedSecond()
        let keptMean = statistics == nil ? mean : mean.copied()
        return (recordBatchNorm(result, input, keptMean, inverse, weight, bias, usesBatch: statistics == nil), mean, variance)
    }

    /// `[n, channels, …]` as `[n, …, channels]`.
    private func channelsMovedLast() -> Tensor {
        var order = shape
        order[0] = 0
        for place in 1..<shape.count { order[place] = place + 1 }
        order[shape.count - 1] = 1
        return permuted(order)
    }

    /// `[n, …, channels]` as `[n, channels, …]`.
    private func channelsMovedSecond() -> Tensor {
        var order = shape
        order[0] = 0
        for place in 1..<shape.count { order[place] = place - 1 }
        order[1] = shape.count - 1
        return permuted(order)
    }

    private func checkBatchNorm(_ weight: Tensor?, usesBatch: Bool) {
        require(shape.count >= 2, "batchNorm: input \(shape), expected [n, channels, …]")
        let channels = shape[1]
        require(weight.map { $0.isVector(channels) } ?? true,
                "batchNorm: input \(shape) has \(channels) channels, the weight \(weight!.shape). Make the layer with \(channels) channels.")
        require(!usesBatch || count / Swift.max(1, channels) > 1,
                "batchNorm: one value per channel in \(shape) has no variance. Use a larger batch or eval().")
    }

    private func recordBatchNorm(
        _ result: Tensor, _ input: Tensor, _ mean: Tensor, _ inverse: Tensor, _ weight: Tensor?, _ bias: Tensor?, usesBatch: Bool
    ) -> Tensor {
        result.recorded(from: self, weight, bias, keeping: (
            input: input, mean: mean, inverse: inverse, w: weight, source: node, weight: weight?.node, bias: bias?.node, usesBatch: usesBatch
        )) { kept, gradient, flow in
            let gradient = gradient.channelsMovedLast().contiguousElements()
            let channels = kept.mean.count, rows = gradient.count / Swift.max(1, channels)
            let dx = kept.source == nil ? nil : Tensor.uninitialized(kept.input.shape)
            var dw = kept.weight == nil ? nil : Tensor.uninitialized(Shape(channels))
            var db = kept.bias == nil ? nil : Tensor.uninitialized(Shape(channels))
            ck_batch_norm_gradient(Int64(rows), Int64(channels), kept.input.pointer, kept.mean.pointer, kept.inverse.pointer, kept.w?.pointer,
                                   gradient.pointer, kept.usesBatch, dx?.pointer, dw?.pointer, db?.pointer)
            flow.add(dx!.channelsMovedSecond(), to: kept.source)
            flow.give(&dw, to: kept.weight)
            flow.give(&db, to: kept.bias)
        }
    }

    /// Layer normalisation over the last `dimensions` dimensions.
    /// Source: Ba, Kiros, Hinton, *Layer Normalization* (2016).
    /// - Parameters:
    ///   - weight: Scales, of those dimensions' shape; `nil` for none.
    ///   - bias: Shifts, of the same shape.
    public final func layerNorm(weight: Tensor?, bias: Tensor?, dimensions: Int = 1, epsilon: Float = 1e-5) -> Tensor {
        require(dimensions >= 1 && dimensions <= shape.count, "layerNorm: \(dimensions) dimensions of shape \(shape)")
        let inner = shape.innermost(dimensions), n = inner.elementCount, rows = count / Swift.max(1, n)
        require(weight.map { $0.shape == inner } ?? true && bias.map { $0.shape == inner } ?? true,
                "layerNorm: input \(shape) ends in \(inner), the layer expects \(weight?.shape ?? bias!.shape)")
        let input = contiguousElements(), output = Tensor.uninitialized(shape)
        let mean = Tensor.uninitialized(Shape(rows)), inverse = Tensor.uninitialized(Shape(rows))
        ck_layer_norm(Int64(rows), Int64(n), epsilon, input.pointer, weight?.pointer, bias?.pointer, output.pointer, mean.pointer, inverse.pointer)
        return output.recorded(from: self, weight, bias, keeping: (
            input: input, inner: inner, mean: mean, inverse: inverse, w: weight, source: node, weight: weight?.node, bias: bias?.node
        )) { kept, gradient, flow in
            let gradient = gradient.contiguousElements(), n = kept.inner.elementCount
            var dx = kept.source == nil ? nil : Tensor.uninitialized(kept.input.shape)
            var dw = kept.weight == nil ? nil : Tensor.uninitialized(kept.inner)
            var db = kept.bias == nil ? nil : Tensor.uninitialized(kept.inner)
            ck_layer_norm_gradient(Int64(gradient.count / Swift.max(1, n)), Int64(n), kept.input.pointer, kept.mean.pointer, kept.inverse.pointer,
                                   kept.w?.pointer, gradient.pointer, dx?.pointer, dw?.pointer, db?.pointer)
            flow.give(&dx, to: kept.source)
            flow.give(&dw, to: kept.weight)
            flow.give(&db, to: kept.bias)
        }
    }
}
