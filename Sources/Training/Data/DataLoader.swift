import Tensors

/// Batches of a data set, in order or shuffled, made ahead by worker threads while the last one is trained on.
///
/// An epoch's order depends on the seed and the epoch's number alone: not on the workers, and not on what was read before.
public final class DataLoader {
    /// Samples in the whole set.
    public let sampleCount: Int
    /// Samples in a batch; the last may have fewer.
    public let batchSize: Int
    /// Whether each epoch has an order of its own.
    public let isShuffled: Bool
    /// What the orders are drawn from.
    public let seed: UInt64
    /// How many batches are made ahead, side by side; with 0 they are made when asked for, in the caller's thread.
    public let workers: Int
    /// Whether a last short batch is left out.
    public let dropsLast: Bool
    private let makeBatch: @Sendable (_ indexes: ArraySlice<Int>, _ epoch: Int) throws -> RawBatch
    /// Batches that stay the same in all epochs, as tensors.
    private let fixed: [Batch]

    /// - Parameters:
    ///   - shuffled: A new random order each epoch.
    ///   - seed: Chooses the orders; two loaders with one seed give the same batches.
    ///   - workers: 1 suffices while making a batch takes less time than training on it.
    ///   - dropsLast: Leaves out a last batch that is shorter than `batchSize`.
    ///   - transform: Changes each batch in the worker that made it, such as ``channelsFirst(_:)``.
    public init(
        _ dataset: some Dataset<Sample>, batchSize: Int, shuffled: Bool = false, seed: UInt64 = 0, workers: Int = 1,
        dropsLast: Bool = false, transform: (@Sendable (RawBatch) throws -> RawBatch)? = nil
    ) {
        precondition(batchSize > 0, "DataLoader: batchSize is \(batchSize); it must be at least 1")
        precondition(workers >= 0, "DataLoader: workers is \(workers); it must be 0 or more")
        (sampleCount, self.batchSize, isShuffled, self.seed) = (dataset.count, batchSize, shuffled, seed)
        (self.workers, self.dropsLast, fixed) = (workers, dropsLast, [])
        makeBatch = { indexes, epoch in
            let batch = try collate(indexes, dataset.forEpoch(epoch))
            return try transform?(batch) ?? batch
        }
    }

    /// Batches that are made already and stay as they are, such as a small data set in one batch: nothing is copied in an epoch.
    public init(batches: [RawBatch]) {
        (isShuffled, seed, workers, dropsLast) = (false, 0, 0, false)
        (sampleCount, batchSize) = (batches.reduce(0) { $0 + $1.count }, batches.first?.count ?? 1)
        fixed = batches.map { Batch($0) }
        makeBatch = { place, _ in batches[place.first!] }
    }

    /// Batches an epoch: ⌈samples ÷ batch size⌉, or ⌊…⌋ when the last short one is dropped.
    public var count: Int { !fixed.isEmpty ? fixed.count : dropsLast ? sampleCount / batchSize : (sampleCount + batchSize - 1) / batchSize }

    /// The sample indexes of `epoch`'s batches, in order.
    public func indexes(epoch: Int) -> [ArraySlice<Int>] {
        let order = isShuffled ? shuffledIndexes(sampleCount, seed: seed, epoch: epoch) : Array(0..<sampleCount)
        return (0..<count).map { order[$0 * batchSize..<min(($0 + 1) * batchSize, sampleCount)] }
    }

    /// Starts an epoch, at its first batch or a later one. Reading ahead begins at once and ends with the epoch or with the last
    /// reference to the result.
    /// - Throws: ``DataError/emptyDataset(name:)``
    public func batches(epoch: Int = 0, from first: Int = 0) throws -> RawBatches {
        guard count > 0 else { throw DataError.emptyDataset(name: "loader's") }
        let make = makeBatch
        let all = fixed.isEmpty ? indexes(epoch: epoch) : fixed.indices.map { [$0][...] }
        return RawBatches(Array(all.dropFirst(first)), workers: workers) { try make($0, epoch) }
    }

    /// The first batch of the first epoch, made in the calling thread.
    public func firstBatch() throws -> RawBatch {
        guard count > 0 else { throw DataError.emptyDataset(name: "loader's") }
        return try makeBatch(fixed.isEmpty ? indexes(epoch: 0)[0] : [0], 0)
    }

    /// Like ``batches(epoch:from:)``, as tensors of the calling task.
    func start(epoch: Int, from first: Int = 0) throws -> Batches {
        fixed.isEmpty ? Batches(raw: try batches(epoch: epoch, from: first)) : Batches(fixed: fixed, from: first)
    }
}

/// One epoch's batches as tensors.
struct Batches {
    private let raw: RawBatches?
    private let fixed: [Batch]
    private var given: Int

    init(raw: RawBatches) { (self.raw, fixed, given) = (raw, [], 0) }
    init(fixed: [Batch], from first: Int) { (raw, self.fixed, given) = (nil, fixed, first) }

    mutating func next() throws -> Batch? {
        if let raw { return try raw.next().map { Batch($0) } }
        given += 1
        return given <= fixed.count ? fixed[given - 1] : nil
    }
}

/// The loaders of one training.
public struct DataLoaders {
    /// What is learned from.
    public let train: DataLoader
    /// Without one, an epoch has no second pass.
    public let valid: DataLoader?

    /// Pairs the loaders of training and validation.
    public init(train: DataLoader, valid: DataLoader? = nil) { (self.train, self.valid) = (train, valid) }
}

/// N,H,W,C → N,C,H,W: for pictures stored with their colours last, as files hold them.
@Sendable public func channelsFirst(_ batch: RawBatch) throws -> RawBatch {
    guard batch.inputs.shape.count == 4 else {
        throw DataError.wrongShape(operation: "channelsFirst", shape: batch.inputs.shape, needed: "[batch, height, width, channels]")
    }
    return RawBatch(inputs: batch.inputs.permuted([0, 3, 1, 2]), targets: batch.targets)
}
