import Layers
import Tensors
import Training

/// Small trainings of every kind, each on one batch of eight again and again.
enum SteadyModel: String, CaseIterable {
    case pictures, perceptron, block, everything, line

    func makeLearner() -> Learner {
        switch self {
        case .pictures:
            let model = Sequential(ConvLayer(3, 8, stride: 2), ConvLayer(8, 16, stride: 2), AdaptivePool(), Linear(16, 4))
            return learner(model, input: [3, 16, 16])
        case .perceptron:
            let model = Sequential(Linear(20, 16), ReLU(), Linear(16, 12), ReLU(), Linear(12, 4))
            return learner(model, input: [20], optimizer: .sgd(momentum: 0.9))
        case .block:
            return learner(Sequential(SmallBlock(), Flatten(), Linear(6 * 8, 4)), input: [6, 8])
        case .everything:
            let model = Sequential(
                ConvLayer(3, 8, stride: 2), BatchNorm2d(8), ConvLayer(8, 16, stride: 2), Dropout(0.1), AdaptivePool(), Linear(16, 4))
            return learner(model, input: [3, 16, 16], callbacks: [TrackResults(write: { _ in }), NaNStop()], optimizer: .adamW())
        case .line:
            let points = RawBatch(inputs: RawArray((0...10).map(Float.init), shape: [11, 1]),
                                  targets: .values(RawArray((0...10).map { 2 * Float($0) + 1 }, shape: [11, 1])))
            return Learner(Linear(1, 1), DataLoaders(train: DataLoader(batches: [points])), loss: MSELoss(), learningRate: 0.01)
        }
    }

    private func learner(_ model: Module, input shape: [Int], callbacks: [Callback] = [], optimizer: OptimizerChoice = .sgd) -> Learner {
        let count = shape.reduce(8, *)
        let batch = RawBatch(inputs: RawArray((0..<count).map { Float($0 % 13) / 13 }, shape: [8] + shape), targets: .labels((0..<8).map { $0 % 4 }))
        return Learner(model, DataLoaders(train: DataLoader(batches: Array(repeating: batch, count: 50))), loss: CrossEntropyLoss(),
                       learningRate: 0.01, callbacks: callbacks, optimizer: optimizer)
    }
}

/// Attention and two layers, each around a shortcut.
private final class SmallBlock: Module {
    let norm1 = LayerNorm(8), attention = MultiHeadAttention(8, heads: 2), norm2 = LayerNorm(8)
    let mlp = Sequential(Linear(8, 16), GELU(), Linear(16, 8))
    override func forward(_ x: Tensor) -> Tensor {
        let y = x + attention(norm1(x))
        return y + mlp(norm2(y))
    }
}
