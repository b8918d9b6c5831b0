import CKernels

extension Tensor {
    /// Exponentials divided by their sum along one dimension: probabilities from logits, stable for any size of logits.
    public final func softmax(_ dimension: Int = -1) -> Tensor { normalizedExponentials(dimension, logarithm: false) }

    /// The logarithm of ``softmax(_:)``: x − log Σ eˣ.
    public final func logSoftmax(_ dimension: Int = -1) -> Tensor { normalizedExponentials(dimension, logarithm: true) }

    private func normalizedExponentials(_ dimension: Int, logarithm: Bool) -> Tensor {
        let place = resolve(dimension, "softmax")
        if place != shape.count - 1 {
            return transpose(place, -1).normalizedExponentials(-1, logarithm: logarithm).transpose(place, -1)
        }
        let (input, n) = (contiguousElements(), shape[place])
        let result = Tensor.uninitialized(shape)
        if count == 0 { return result }
        ck_softmax(Int64(count / n), Int64(n), input.pointer, result.pointer, logarithm)
        return result.recorded(from: self, keeping: (node: node, output: result.detach(), n: n, logarithm: logarithm)) { kept, gradient, flow in
            let (output, n) = (kept.output, kept.n)
            let dx = Tensor.uninitialized(output.shape)
            let gradient = gradient.contiguousElements()
            ck_softmax_gradient(Int64(dx.count / n), Int64(n), output.pointer, gradient.pointer, dx.pointer, kept.logarithm)
            flow.add(dx, to: kept.node)
        }
    }

    /// log Σ eˣ along one dimension, which disappears; stable for any size of elements.
    public final func logSumExp(_ dimension: Int = -1) -> Tensor {
        let top = detach().max([dimension], keepDimensions: true)
        return (self - top).exp().sum([dimension]).log() + top.squeeze(dimension)
    }
}
