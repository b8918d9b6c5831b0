import Layers
import Tensors
import Training

/// Remembers the samples that the model finds hardest: a callback overrides the hooks that it needs, no more.
final class HardestBatches: Callback {
    private(set) var worst: [(epoch: Int, batch: Int, loss: Double)] = []

    override func beforeFit(_ learner: Learner) { worst = [] }

    override func afterLoss(_ learner: Learner) throws {
        guard learner.phase == .train else { return }
        worst.append((learner.epoch, learner.batchIndex, learner.lossValue))
        worst.sort { $0.loss > $1.loss }
        worst = Array(worst.prefix(3))
        if learner.lossValue < 0.01 { throw Cancel.fit(reason: "every batch has become easy") }
    }
}

func customCallback(epochs: Int = 3, write: (String) -> Void = { print($0) }) throws -> Int {
    setRandomSeed(0)
    let hardest = HardestBatches()
    let learner = Learner(
        Sequential(ConvLayer(3, 8, stride: 2), AdaptivePool(), Linear(8, 4)),
        DataLoaders(train: DataLoader(TexturedShapes(count: 128, size: 16), batchSize: 32, shuffled: true)), loss: CrossEntropyLoss(),
        learningRate: 0.1, callbacks: [hardest])
    try learner.fit(epochs: epochs)

    for batch in hardest.worst { write("epoch \(batch.epoch), batch \(batch.batch): loss \(batch.loss)") }
    return hardest.worst.count
}
