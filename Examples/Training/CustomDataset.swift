import Layers
import Tensors
import Training

/// Is a point inside the unit circle? Made when asked for: a data set is a count and a subscript.
struct Circle: Dataset {
    let count: Int

    subscript(index: Int) -> Sample {
        var stream = RandomStream(seed: 1, position: UInt64(index) * 2)
        let x = Float(stream.uniform() * 3 - 1.5), y = Float(stream.uniform() * 3 - 1.5)
        return Sample([x, y], values: [x * x + y * y < 1 ? 1 : 0])
    }
}

func customDataset(epochs: Int = 20, write: (String) -> Void = { print($0) }) throws -> Double {
    setRandomSeed(0)
    let (train, valid) = Circle(count: 1_000).split(validFraction: 0.2, seed: 3)
    let learner = Learner(
        Sequential(Linear(2, 32), ReLU(), Linear(32, 1)),
        DataLoaders(train: DataLoader(train, batchSize: 50, shuffled: true), valid: DataLoader(valid, batchSize: 200)),
        loss: BCEWithLogitsLoss(), learningRate: 0.02, callbacks: [TrackResults()], optimizer: .adam())
    try learner.fit(epochs: epochs)

    write("inside or outside: accuracy \(learner.metrics["accuracy"]!)")
    return learner.metrics["accuracy"]!
}
