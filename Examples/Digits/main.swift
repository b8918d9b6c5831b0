// Teaches a small network to read handwritten digits, and logs every step. Takes a few seconds.
import Foundation
import Layers
import Tensors
import Track
import TrackTraining
import Training

/// Scanned digits of 8 × 8 pixels, each with the number it shows.
struct Digits: Dataset {
    let rows: [[Float]]

    init() throws {
        let file = Bundle.module.url(forResource: "digits", withExtension: "csv", subdirectory: "Data")!
        rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { $0.split(separator: ",").map { Float($0)! } }
    }

    var count: Int { rows.count }

    subscript(index: Int) -> Sample {
        Sample(RawArray(rows[index].dropLast().map { $0 / 16 }, shape: [1, 8, 8]), label: Int(rows[index][64]))
    }
}

let arguments = CommandLine.arguments
let epochs = arguments.firstIndex(of: "--epochs").flatMap { arguments.dropFirst($0 + 1).first }.flatMap { Int($0) } ?? 20

// Data: a fifth is kept aside to see how well unseen digits are read.
let (train, valid) = try Digits().split(validFraction: 0.2, seed: 1)
let loaders = DataLoaders(
    train: DataLoader(train, batchSize: 64, shuffled: true, seed: 1),
    valid: DataLoader(valid, batchSize: 256))

// Model: three convolutions, the mean of each channel, ten scores.
setRandomSeed(1)
let model = Sequential(
    ConvLayer(1, 16), ConvLayer(16, 32, stride: 2), ConvLayer(32, 64, stride: 2),
    AdaptivePool(), Linear(64, 10))

// Tracking: loss, gradient norm, learning rate and epoch at each step, means and histograms at each epoch.
try await track.start(project: "digits", config: ["epochs": epochs, "batchSize": 64, "learningRate": 0.1, "optimizer": "SGD"])

let learner = Learner(
    model, loaders, loss: { $0.crossEntropy($1) }, learningRate: 0.1,
    callbacks: [TrackResults(), OneCycle(), TrackCallback(), ProgressBar()],
    optimizer: .sgd(momentum: 0.9))
try learner.fit(epochs: epochs)

print("accuracy on unseen digits: \(learner.metrics["accuracy"]!)")
await track.finish()
