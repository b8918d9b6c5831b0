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
        let input = detach().permute(orderWithChannelsLast).contiguousElements()
        let mean = statistics?.mean ?? Tensor(uninitialized: [channels])
        let variance = statistics?.variance ?? Tensor(uninitialized: [channels])
        if statistics == nil { ck_moments(Int64(rows), Int64(channels), input.pointer, mean.pointer, variance.pointer) }
        let inverse = variance.detach().affine(1, epsilon).sqrt().reciprocal()
        let output = Tensor(uninitialized: input.shape)
        ck_normalize(Int64(rows), Int64(channels), input.pointer, mean.pointer, inverse.pointer, weight?.pointer, bias?.pointer, output.pointer)
        let result = output.permute([0, shape.count - 1] + Array(1..<shape.count - 1))
        let keptMean = statistics == nil ? mean : mean.copied()
        return (recordBatchNorm(result, input, keptMean, inverse, weight, bias, usesBatch: statistics == nil), mean, variance)
    }

    private var orderWithChannelsLast: [Int] { [0] + Array(2..<shape.count) + [1] }

    private func checkBatchNorm(_ weight: Tensor?, usesBatch: Bool) {
        require(shape.count >= 2, "batchNorm: input \(shape), expected [n, channels, …]")
        let channels = shape[1]
        require(weight.map { $0.shape == [channels] } ?? true,
                "batchNorm: input \(shape) has \(channels) channels, the weight \(weight!.shape). Make the layer with \(channels) channels.")
        require(!usesBatch || count / Swift.max(1, channels) > 1,
                "batchNorm: one value per channel in \(shape) has no variance. Use a larger batch or eval().")
    }

    private func recordBatchNorm(
        _ result: Tensor, _ input: Tensor, _ mean: Tensor, _ inverse: Tensor, _ weight: Tensor?, _ bias: Tensor?, usesBatch: Bool
    ) -> Tensor {
        let (source, weightNode, biasNode, order) = (node, weight?.node, bias?.node, orderWithChannelsLast)
        let back = [0, shape.count - 1] + Array(1..<shape.count - 1), channels = shape[1], rows = count / Swift.max(1, channels)
        return result.recorded(from: self, weight, bias) { gradient, flow in
            let gradient = gradient.permute(order).contiguousElements()
            let dx = source == nil ? nil : Tensor(uninitialized: input.shape)
            var dw = weightNode == nil ? nil : Tensor(uninitialized: [channels])
            var db = biasNode == nil ? nil : Tensor(uninitialized: [channels])
            ck_batch_norm_gradient(Int64(rows), Int64(channels), input.pointer, mean.pointer, inverse.pointer, weight?.pointer,
                                   gradient.pointer, usesBatch, dx?.pointer, dw?.pointer, db?.pointer)
            flow.add(dx!.permute(back), to: source)
            flow.give(&dw, to: weightNode)
            flow.give(&db, to: biasNode)
        }
    }

    /// Layer normalisation over the last `dimensions` dimensions.
    /// Source: Ba, Kiros, Hinton, *Layer Normalization* (2016).
    /// - Parameters:
    ///   - weight: Scales, of those dimensions' shape; `nil` for none.
    ///   - bias: Shifts, of the same shape.
    public final func layerNorm(weight: Tensor?, bias: Tensor?, dimensions: Int = 1, epsilon: Float = 1e-5) -> Tensor {
        require(dimensions >= 1 && dimensions <= shape.count, "layerNorm: \(dimensions) dimensions of shape \(shape)")
        let inner = Shape(shape.suffix(dimensions)), n = inner.elementCount, rows = count / Swift.max(1, n)
        require(weight.map { $0.shape == inner } ?? true && bias.map { $0.shape == inner } ?? true,
                "layerNorm: input \(shape) ends in \(inner), the layer expects \(weight?.shape ?? bias!.shape)")
        let input = contiguousElements(), output = Tensor(uninitialized: shape)
        let mean = Storage.take(count: rows), inverse = Storage.take(count: rows)
        ck_layer_norm(Int64(rows), Int64(n), epsilon, input.pointer, weight?.pointer, bias?.pointer, output.pointer, mean.pointer, inverse.pointer)
        let (source, weightNode, biasNode) = (node, weight?.node, bias?.node)
        return output.recorded(from: self, weight, bias) { gradient, flow in
            let gradient = gradient.contiguousElements()
            var dx = source == nil ? nil : Tensor(uninitialized: input.shape)
            var dw = weightNode == nil ? nil : Tensor(uninitialized: inner)
            var db = biasNode == nil ? nil : Tensor(uninitialized: inner)
            ck_layer_norm_gradient(Int64(rows), Int64(n), input.pointer, mean.pointer, inverse.pointer, weight?.pointer,
                                   gradient.pointer, dx?.pointer, dw?.pointer, db?.pointer)
            flow.give(&dx, to: source)
            flow.give(&dw, to: weightNode)
            flow.give(&db, to: biasNode)
        }
    }
}
