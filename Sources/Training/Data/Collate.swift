/// Stacked samples, as loaders hand them to the task that trains.
public struct RawBatch: Sendable, Equatable {
    /// `[batch, …]`
    public var inputs: RawArray<Float>
    /// What a model should make of the inputs.
    public var targets: Targets

    /// Pairs inputs with targets; both begin with the batch.
    public init(inputs: RawArray<Float>, targets: Targets) { (self.inputs, self.targets) = (inputs, targets) }

    /// How many samples.
    public var count: Int { inputs.shape[0] }

    /// The answers of a batch.
    public enum Targets: Sendable, Equatable {
        /// `[batch]` class numbers.
        case labels([Int])
        /// `[batch, …]`
        case values(RawArray<Float>)
    }
}

/// Fetches the samples at `indexes` and stacks inputs with inputs and targets with targets.
/// - Throws: ``DataError/shapesDiffer(index:shape:firstIndex:firstShape:)``, ``DataError/targetsDiffer(index:firstIndex:)``,
///   ``DataError/emptyDataset(name:)`` without indexes, and whatever the data set throws.
public func collate(_ indexes: some Collection<Int>, _ dataset: some Dataset<Sample>) throws -> RawBatch {
    guard let firstIndex = indexes.first else { throw DataError.emptyDataset(name: "batch's") }
    let first = try dataset[firstIndex]
    var inputs: [Float] = [], labels: [Int] = [], values: [Float] = []
    inputs.reserveCapacity(indexes.count * first.x.elements.count)
    for index in indexes {
        let sample = index == firstIndex ? first : try dataset[index]
        guard sample.x.shape == first.x.shape else {
            throw DataError.shapesDiffer(index: index, shape: sample.x.shape, firstIndex: firstIndex, firstShape: first.x.shape)
        }
        inputs.append(contentsOf: sample.x.elements)
        switch (sample.y, first.y) {
        case (.label(let label), .label): labels.append(label)
        case (.values(let array), .values(let model)) where array.shape == model.shape: values.append(contentsOf: array.elements)
        default: throw DataError.targetsDiffer(index: index, firstIndex: firstIndex)
        }
    }
    let stacked = RawArray(inputs, shape: [indexes.count] + first.x.shape)
    guard case .values(let model) = first.y else { return RawBatch(inputs: stacked, targets: .labels(labels)) }
    return RawBatch(inputs: stacked, targets: .values(RawArray(values, shape: [indexes.count] + model.shape)))
}
