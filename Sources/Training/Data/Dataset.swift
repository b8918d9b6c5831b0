import Tensors

/// A set of items that are made one by one: how many there are, and the one at an index.
///
/// Whatever is expensive and needed once (listing files, reading a table) belongs in the initializer.
/// Loaders call the subscript from several threads at a time.
public protocol Dataset<Item>: Sendable {
    associatedtype Item: Sendable

    var count: Int { get }

    /// The item at an index of 0 ..< `count`.
    subscript(index: Int) -> Item { get throws }

    /// The set as `epoch` sees it; sets whose items are changed at random draw anew. The default is the set itself.
    func forEpoch(_ epoch: Int) -> Self
}

extension Dataset {
    /// The same items in every epoch.
    public func forEpoch(_ epoch: Int) -> Self { self }

    /// 0 ..< `count`.
    public var indices: Range<Int> { 0..<count }
}

/// What a loader stacks: one input and what a model should make of it.
public struct Sample: Sendable, Equatable {
    /// The input, without a batch axis.
    public var x: RawArray<Float>
    /// The answer.
    public var y: Target

    /// Pairs an input with its answer.
    public init(_ x: RawArray<Float>, _ y: Target) { (self.x, self.y) = (x, y) }

    /// An input with the number of its class.
    public init(_ x: RawArray<Float>, label: Int) { self.init(x, .label(label)) }

    /// An input with the numbers to predict.
    public init(_ x: RawArray<Float>, values: RawArray<Float>) { self.init(x, .values(values)) }
}

/// The answer that belongs to an input.
public enum Target: Sendable, Equatable {
    /// The number of a class, from 0.
    case label(Int)
    /// Numbers: for regression, several yes-or-no answers, soft labels.
    case values(RawArray<Float>)
}

/// Items that are already in an array.
public struct ArrayDataset<Item: Sendable>: Dataset {
    /// As given.
    public let items: [Item]
    /// A data set of what is in memory already.
    public init(_ items: [Item]) { self.items = items }
    /// How many items.
    public var count: Int { items.count }
    /// The item at an index.
    public subscript(index: Int) -> Item { items[index] }
}

/// A part of another data set, by index.
public struct Subset<Base: Dataset>: Dataset {
    /// What this is a part of.
    public let base: Base
    /// The places in `base`, in this part's order.
    public let indexes: [Int]
    /// How many items.
    public var count: Int { indexes.count }
    /// The item of `base` at the place that `indexes` names.
    public subscript(index: Int) -> Base.Item { get throws { try base[indexes[index]] } }
    /// The same part of what `base` is in that epoch.
    public func forEpoch(_ epoch: Int) -> Subset { Subset(base: base.forEpoch(epoch), indexes: indexes) }
}

/// A data set whose items go through a function when they are read.
public struct MappedDataset<Base: Dataset, Item: Sendable>: Dataset {
    let base: Base
    let transform: @Sendable (Base.Item) throws -> Item
    /// As many as before.
    public var count: Int { base.count }
    /// The item of `base`, transformed.
    public subscript(index: Int) -> Item { get throws { try transform(base[index]) } }
    /// The same transform of what `base` is in that epoch.
    public func forEpoch(_ epoch: Int) -> MappedDataset { MappedDataset(base: base.forEpoch(epoch), transform: transform) }
}

/// A data set whose items are changed at random, anew in each epoch, whichever thread reads them.
public struct AugmentedDataset<Base: Dataset>: Dataset {
    let base: Base
    let seed: UInt64
    let change: @Sendable (Base.Item, inout RandomStream) throws -> Base.Item
    var epoch = 0

    /// As many as before.
    public var count: Int { base.count }

    /// The item, changed as this epoch and index have it.
    public subscript(index: Int) -> Base.Item {
        get throws {
            // A generator of its own for each (epoch, index): the order of reading cannot matter.
            var generator = RandomStream(seed: seed, stream: UInt64(epoch) << 40 | UInt64(index))
            return try change(base[index], &generator)
        }
    }

    /// The same items with that epoch's changes.
    public func forEpoch(_ epoch: Int) -> AugmentedDataset {
        AugmentedDataset(base: base.forEpoch(epoch), seed: seed, change: change, epoch: epoch)
    }
}

extension Dataset {
    /// Collect → fetch → transform: the items of this set through `transform`, computed when they are read.
    public func map<New: Sendable>(_ transform: @escaping @Sendable (Item) throws -> New) -> MappedDataset<Self, New> {
        MappedDataset(base: self, transform: transform)
    }

    /// Changes items at random (flips, crops, noise). The same seed gives the same changes in the same epoch.
    public func augmented(
        seed: UInt64, _ change: @escaping @Sendable (Item, inout RandomStream) throws -> Item
    ) -> AugmentedDataset<Self> {
        AugmentedDataset(base: self, seed: seed, change: change)
    }

    /// Splits by a filter over indexes: where it says true the item goes to `train`.
    public func split(train belongs: (Int) throws -> Bool) rethrows -> (train: Subset<Self>, valid: Subset<Self>) {
        let marks = try indices.map { (index: $0, train: try belongs($0)) }
        return (
            Subset(base: self, indexes: marks.filter(\.train).map(\.index)),
            Subset(base: self, indexes: marks.filter { !$0.train }.map(\.index))
        )
    }

    /// Splits at random: `fraction` of the items, rounded down, go to `valid`.
    public func split(validFraction fraction: Double, seed: UInt64) -> (train: Subset<Self>, valid: Subset<Self>) {
        precondition((0...1).contains(fraction), "split(validFraction: \(fraction)): the fraction must be between 0 and 1")
        let order = shuffledIndexes(count, seed: seed, epoch: 0)
        let held = Int(Double(count) * fraction)
        return (Subset(base: self, indexes: order.dropFirst(held).sorted()), Subset(base: self, indexes: order.prefix(held).sorted()))
    }
}

/// The numbers 0 ..< `count` in the random order of one epoch: a new one each epoch, the same again for the same seed.
/// Source: Fisher & Yates, in Durstenfeld's form (1964). Ours rather than the standard library's, whose order may change.
public func shuffledIndexes(_ count: Int, seed: UInt64, epoch: Int) -> [Int] {
    var generator = RandomStream(seed: seed, stream: UInt64(epoch) &+ 1)
    var indexes = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) { indexes.swapAt(last, generator.index(below: last + 1)) }
    return indexes
}
