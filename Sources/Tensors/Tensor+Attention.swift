import CKernels

extension Tensor {
    /// Scaled dot-product self-attention in several heads.
    /// Source: Vaswani et al., *Attention Is All You Need* (2017).
    /// - Parameters:
    ///   - joint: Queries, keys and values side by side, `[batch, time, 3 · width]`, each made of `heads` equal parts.
    ///   - isCausal: A place sees only itself and earlier ones.
    /// - Returns: `[batch, time, width]`.
    /// - Complexity: O(batch · time² · width).
    public static func selfAttention(_ joint: Tensor, heads: Int, isCausal: Bool = false) -> Tensor {
        require(joint.shape.count == 3 && heads > 0 && joint.shape[2] % (3 * heads) == 0,
                "selfAttention: joint \(joint.shape), expected [batch, time, 3 · width] with a width that divides into \(heads) heads")
        let (batch, time, width) = (joint.shape[0], joint.shape[1], joint.shape[2] / 3)
        var a = ck_attention(batch: Int64(batch), heads: Int64(heads), time: Int64(time), size: Int64(width / heads), causal: isCausal)
        let input = joint.contiguousElements()
        let result = Tensor.uninitialized(Shape(batch, time, width)), weights = Tensor.uninitialized(Shape(batch, heads, time, time))
        ck_attention_forward(&a, input.pointer, result.pointer, weights.pointer)
        return result.recorded(from: joint, keeping: (node: joint.node, input: input, weights: weights, a: a)) { kept, gradient, flow in
            var a = kept.a
            let dx = Tensor.uninitialized(kept.input.shape), gradient = gradient.contiguousElements()
            ck_attention_backward(&a, kept.input.pointer, kept.weights.pointer, gradient.pointer, dx.pointer)
            flow.add(dx, to: kept.node)
        }
    }
}
