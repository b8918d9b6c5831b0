import CKernels

extension Tensor {
    /// Applies a kernel of one operand; its gradient is the kernel of the same name.
    final func map(_ operation: Int, _ p: Float = 0, _ q: Float = 0) -> Tensor {
        let operation = Int32(operation)
        let x = isDense ? self : copied()
        let result = Tensor.uninitialized(like: x)
        ck_map(operation, Int64(count), x.pointer, result.pointer, p, q)
        return result.recorded(from: self, keeping: (
            x: x, node: node, output: result.detach(), operation: operation, p: p, q: q
        )) { kept, gradient, flow in
            flow.add(kept.x.mapGradient(kept.operation, kept.output, gradient, kept.p, kept.q), to: kept.node)
        }
    }

    private func mapGradient(_ operation: Int32, _ output: Tensor, _ gradient: Tensor, _ p: Float, _ q: Float) -> Tensor {
        let result = Tensor.uninitialized(like: self)
        let gradient = gradient.elements(orderedLike: self)
        ck_map_gradient(operation, Int64(count), pointer, output.pointer, gradient.pointer, result.pointer, p, q)
        return result
    }

    /// The same elements in the memory order of a dense tensor of the same shape.
    final func elements(orderedLike other: Tensor) -> Tensor {
        if Tensor.sameOrder(strides, other.strides, shape: shape) { return self }
        let result = Tensor.uninitialized(like: other)
        copyElements(to: result.pointer, strides: result.strides)
        return result
    }

    /// `self · scale + shift`.
    final func affine(_ scale: Float, _ shift: Float) -> Tensor {
        let result = Tensor.uninitialized(like: isDense ? self : contiguousElements())
        let x = elements(orderedLike: result)
        ck_map(Int32(CK_AFFINE), Int64(count), x.pointer, result.pointer, scale, shift)
        return result.recorded(from: self, keeping: (node: node, scale: scale)) { kept, gradient, flow in
            flow.add(kept.scale == 1 ? gradient : gradient.affine(kept.scale, 0), to: kept.node)
        }
    }

    /// *e* to the power of each element.
    public final func exp() -> Tensor { map(CK_EXP) }
    /// The natural logarithm of each element.
    public final func log() -> Tensor { map(CK_LOG) }
    /// The square root of each element.
    public final func sqrt() -> Tensor { map(CK_SQRT) }
    /// The absolute value of each element; the gradient at 0 is 0.
    public final func abs() -> Tensor { map(CK_ABS) }
    /// The hyperbolic tangent of each element.
    public final func tanh() -> Tensor { map(CK_TANH) }
    /// 1 / (1 + e⁻ˣ).
    public final func sigmoid() -> Tensor { map(CK_SIGMOID) }
    /// max(x, 0); the gradient at 0 is 0.
    public final func relu() -> Tensor { map(CK_RELU) }
    /// x where positive, else x · slope.
    public final func leakyRelu(slope: Float = 0.01) -> Tensor { map(CK_LEAKY_RELU, slope) }
    /// log(1 + eˣ), without overflow.
    public final func softplus() -> Tensor { map(CK_SOFTPLUS) }
    /// x · Φ(x), with Φ the normal distribution's cumulative function.
    /// Source: Hendrycks, Gimpel, *Gaussian Error Linear Units* (2016).
    /// - Parameter approximate: Use the tanh formula of the paper, as some trained models do.
    public final func gelu(approximate: Bool = false) -> Tensor { map(approximate ? CK_GELU_TANH : CK_GELU) }
    /// x · x.
    public final func square() -> Tensor { map(CK_SQUARE) }
    /// 1 / x.
    public final func reciprocal() -> Tensor { map(CK_RECIPROCAL) }
    /// The sine of each element, in radians.
    public final func sin() -> Tensor { map(CK_SIN) }
    /// The cosine of each element, in radians.
    public final func cos() -> Tensor { map(CK_COS) }
    /// −1, 0 or 1. The gradient is 0.
    public final func sign() -> Tensor { map(CK_SIGN) }

    /// Each element to a constant power.
    public final func pow(_ exponent: Float) -> Tensor { exponent == 2 ? square() : map(CK_POW, exponent) }

    /// Each element, at least `low` and at most `high`; no gradient passes where it was cut.
    public final func clamp(_ low: Float, _ high: Float) -> Tensor {
        require(low <= high, "clamp: low \(low) is above high \(high)")
        return map(CK_CLAMP, low, high)
    }

    /// Zeroes each element with `probability` and scales the rest by 1 / (1 − p), so that the expected sum stays.
    /// Source: Srivastava et al., *Dropout* (2014).
    /// - Parameters:
    ///   - seed: Chooses the stream of random numbers.
    ///   - call: A number that differs between calls; the same seed and call drop the same elements.
    public final func dropout(_ probability: Float, seed: UInt64, call: UInt64) -> Tensor {
        require(probability >= 0 && probability < 1, "dropout: probability \(probability) is not in 0..<1")
        let x = isDense ? self : copied()
        let result = Tensor.uninitialized(like: x)
        ck_dropout(Int64(count), seed, call, probability, x.pointer, result.pointer)
        return result.recorded(from: self, keeping: (
            node: node, order: result.detach(), seed: seed, call: call, probability: probability
        )) { kept, gradient, flow in
            let gradient = gradient.elements(orderedLike: kept.order)
            let dx = Tensor.uninitialized(like: kept.order)
            ck_dropout(Int64(dx.count), kept.seed, kept.call, kept.probability, gradient.pointer, dx.pointer)
            flow.add(dx, to: kept.node)
        }
    }
}
