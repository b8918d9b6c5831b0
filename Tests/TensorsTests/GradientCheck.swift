import Testing
@testable import Tensors

/// Compares recorded gradients with central differences of a fixed random projection of the output.
///
/// A 32-bit forward pass differs by about 1e-7 of its value, so with steps of 1e-2 slopes are good to about 1e-4 of the
/// largest one; tolerances are relative to that.
func expectGradients(
    _ name: String, _ inputs: [Tensor], step: Float = 1e-2, tolerance: Float = 1e-2,
    sourceLocation: SourceLocation = #_sourceLocation, _ function: ([Tensor]) -> Tensor
) {
    for input in inputs {
        input.requiresGrad = true
        input.zeroGrad()
    }
    let output = function(inputs)
    var stream = RandomStream(seed: 99)
    let projection = Tensor.randn(output.shape, using: &stream)
    output.backward(gradient: projection)
    func value() -> Double {
        noGrad { zip(function(inputs).scalars, projection.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
    }
    for (number, input) in inputs.enumerated() {
        guard let grad = input.grad else {
            Issue.record("\(name): input \(number) got no gradient", sourceLocation: sourceLocation)
            continue
        }
        let recorded = grad.scalars, scale = max(1, recorded.map { abs($0) }.max() ?? 1)
        var worst: Float = 0
        for place in 0..<input.count {
            let kept = input.scalars[place]
            input.withMutableScalars { $0[place] = kept + step }
            let above = value()
            input.withMutableScalars { $0[place] = kept - step }
            let below = value()
            input.withMutableScalars { $0[place] = kept }
            let slope = Float((above - below) / Double(2 * step))
            worst = max(worst, abs(slope - recorded[place]) / scale)
        }
        #expect(worst < tolerance, "\(name): input \(number) of shape \(input.shape) is off by \(worst)", sourceLocation: sourceLocation)
    }
}

/// Normally distributed numbers that are the same in every run.
func sample(_ shape: Shape, seed: UInt64 = 1, mean: Float = 0, std: Float = 1) -> Tensor {
    var stream = RandomStream(seed: seed)
    return .randn(shape, mean: mean, std: std, using: &stream)
}

/// Whole numbers away from ties and kinks, shuffled: for max, abs and the like.
func distinct(_ shape: Shape, seed: UInt64 = 1) -> Tensor {
    var stream = RandomStream(seed: seed)
    let count = shape.elementCount
    return Tensor((0..<count).map { (Float($0) - Float(count) / 2 + 0.5) * 0.2 }.shuffled(using: &stream), shape: shape)
}

func expectClose(_ a: Tensor, _ b: Tensor, tolerance: Float = 1e-5, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(a.shape == b.shape, sourceLocation: sourceLocation)
    guard a.shape == b.shape else { return }
    let difference = zip(a.scalars, b.scalars).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0
    #expect(difference <= tolerance, "largest difference \(difference)", sourceLocation: sourceLocation)
}
