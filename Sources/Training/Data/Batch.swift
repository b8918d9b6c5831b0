import Tensors

/// What one step trains on, as tensors of the training task.
public struct Batch {
    /// `[batch, …]`
    public var x: Tensor
    /// Class numbers `[batch]`, or values `[batch, …]`.
    public var y: Tensor

    /// Pairs inputs with targets; both begin with the batch.
    public init(x: Tensor, y: Tensor) { (self.x, self.y) = (x, y) }

    /// Copies a raw batch into tensors. O(elements).
    public init(_ raw: RawBatch) {
        x = Tensor(raw.inputs.elements, shape: Shape(raw.inputs.shape))
        y = switch raw.targets {
        case .labels(let labels): Tensor(labels: labels)
        case .values(let values): Tensor(values.elements, shape: Shape(values.shape))
        }
    }

    /// How many samples.
    public var count: Int { x.shape.first ?? 1 }
}
