import Tensors

/// Changes every batch before the model sees it, in training, validation and inference.
open class SetupLearner: Callback {
    private let transform: (Batch) -> Batch

    /// Sends every batch through `transform` before the model sees it.
    public init(transform: @escaping (Batch) -> Batch) { self.transform = transform }

    open override var servesInference: Bool { true }
    open override func beforeBatch(_ learner: Learner) throws { learner.batch = transform(learner.batch) }
}

/// Reorders the axes of each input: `Permute([0, 3, 1, 2])` gives N,H,W,C pictures to layers that want N,C,H,W. A view, no copy.
public final class Permute: SetupLearner {
    /// Orders the axes of every input anew: `Permute([0, 3, 1, 2])` makes N,C,H,W of N,H,W,C.
    public init(_ axes: [Int]) { super.init { Batch(x: $0.x.permute(axes), y: $0.y) } }
}

/// Brings each channel to mean 0 and standard deviation 1, by the statistics of the first training batch.
public final class Normalize: Callback {
    /// Which axis of a batch holds the channels.
    public let channelAxis: Int
    /// Taken from the first batch of the first fit, unless given.
    public private(set) var statistics: ChannelStatistics?

    /// - Parameter channelAxis: 1 for N,C,H,W, 3 for N,H,W,C.
    public init(channelAxis: Int = 1) { self.channelAxis = channelAxis }
    /// Normalises by statistics of your own instead of the first batch's.
    public init(_ statistics: ChannelStatistics) { (self.statistics, channelAxis) = (statistics, statistics.channelAxis) }

    public override var servesInference: Bool { true }

    /// - Throws: ``DataError/constantChannel(_:)``, ``DataError/wrongShape(operation:shape:needed:)``
    public override func beforeBatch(_ learner: Learner) throws {
        let statistics = try self.statistics ?? measure(learner)
        var shape = [Int](repeating: 1, count: learner.batch.x.shape.count)
        guard channelAxis < shape.count, learner.batch.x.shape[channelAxis] == statistics.mean.count else {
            throw DataError.wrongShape(
                operation: "Normalize", shape: learner.batch.x.shape.sizes, needed: "\(statistics.mean.count) channels on axis \(channelAxis)")
        }
        shape[channelAxis] = statistics.mean.count
        let mean = Tensor(statistics.mean, shape: Shape(shape)), deviation = Tensor(statistics.deviation, shape: Shape(shape))
        learner.batch.x = (learner.batch.x - mean) / deviation
    }

    private func measure(_ learner: Learner) throws -> ChannelStatistics {
        let first = try learner.loaders.train.firstBatch()
        let measured = try ChannelStatistics(of: first.inputs, channelAxis: channelAxis)
        statistics = measured
        return measured
    }

    public override var checkpointState: CallbackState {
        guard let statistics else { return CallbackState() }
        return CallbackState(numbers: ["mean": statistics.mean.map(Double.init), "deviation": statistics.deviation.map(Double.init)])
    }

    public override func restore(_ state: CallbackState) throws {
        guard let mean = state.numbers["mean"], let deviation = state.numbers["deviation"] else { return }
        statistics = ChannelStatistics(mean: mean.map { Float($0) }, deviation: deviation.map { Float($0) }, channelAxis: channelAxis)
    }
}
