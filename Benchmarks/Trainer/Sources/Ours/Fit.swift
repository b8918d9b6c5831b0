import Foundation
import Layers
import Tensors
import Track
import TrackTraining
import Training

/// Pictures in a file: for each 64 × 64 × 3 bytes in the order channel, row, column, then one byte for its class.
struct Pictures: Dataset {
    let range: Range<Int>
    private let samples: [Sample]
    static let size = 3 * 64 * 64 + 1

    init(_ file: Data, _ range: Range<Int>) {
        self.range = range
        samples = range.map { place in
            let bytes = file[place * Self.size..<(place + 1) * Self.size]
            return Sample(RawArray(bytes.dropLast().map { Float($0) / 255 }, shape: [3, 64, 64]), label: Int(bytes.last!))
        }
    }

    var count: Int { samples.count }
    subscript(index: Int) -> Sample { samples[index] }
}

/// Eight epochs on 4,000 pictures, each validated on 1,000, with one cycle, accuracy and every step logged to a run's spool.
func fitEightEpochs(data path: String, seed: UInt64) async throws -> (milliseconds: Double, accuracy: Double) {
    let file = try Data(contentsOf: URL(filePath: path))
    setRandomSeed(seed)
    let loaders = DataLoaders(
        train: DataLoader(Pictures(file, 0..<4000), batchSize: 128, shuffled: true, seed: seed),
        valid: DataLoader(Pictures(file, 4000..<5000), batchSize: 256))
    return try await withRun { run in
        let learner = Learner(
            pictureNetwork(), loaders, loss: CrossEntropyLoss(), learningRate: 0.1,
            callbacks: [TrackResults(), OneCycle(), TrackCallback(to: run, histograms: .never)])
        let time = try ContinuousClock().measure { try learner.fit(epochs: 8) }
        return (time / .milliseconds(1), learner.metrics["accuracy"] ?? 0)
    }
}
