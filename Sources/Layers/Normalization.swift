public import Tensors

/// Normalises each channel of images over batch, height and width, then scales and shifts it.
///
/// In training it uses the batch's mean and biased variance, and moves the running statistics towards them (with the
/// unbiased variance) by `momentum`; in evaluation it uses the running statistics.
/// Source: Ioffe, Szegedy, *Batch Normalization* (2015).
public final class BatchNorm2d: Module {
    /// Scale and shift of each channel.
    public let weight: Parameter, bias: Parameter
    /// What evaluation normalises with.
    public let runningMean: Buffer, runningVar: Buffer
    /// How many batches training has seen.
    public let numBatchesTracked = Counter()
    /// The share of a new batch in the running statistics, and what is added to the variance.
    public let momentum: Float, epsilon: Float

    /// Makes the layer for a number of channels.
    public init(_ channels: Int, momentum: Float = 0.1, epsilon: Float = 1e-5) {
        weight = Parameter(.ones([channels]))
        bias = Parameter(.zeros([channels]))
        runningMean = Buffer(.zeros([channels]))
        runningVar = Buffer(.ones([channels]))
        (self.momentum, self.epsilon) = (momentum, epsilon)
    }

    public override func forward(_ x: Tensor) -> Tensor {
        if !isTraining {
            return x.batchNorm(weight: weight, bias: bias, statistics: (runningMean, runningVar), epsilon: epsilon).output
        }
        let (output, mean, variance) = x.batchNorm(weight: weight, bias: bias, epsilon: epsilon)
        let rows = Float(x.count / runningMean.count)
        numBatchesTracked.value += 1
        move(runningMean, towards: mean, scale: 1)
        move(runningVar, towards: variance, scale: rows / (rows - 1))
        return output
    }

    private func move(_ running: Buffer, towards batch: Tensor, scale: Float) {
        running.withMutableScalars { running in
            batch.withScalars { batch in
                for channel in running.indices { running[channel] += momentum * (batch[channel] * scale - running[channel]) }
            }
        }
    }
}

/// Normalises the last dimensions of each example, then scales and shifts each place.
/// Source: Ba, Kiros, Hinton, *Layer Normalization* (2016).
public final class LayerNorm: Module {
    /// Scale and shift of each place.
    public let weight: Parameter, bias: Parameter
    /// Added to the variance.
    public let epsilon: Float

    /// Makes the layer for inputs whose last sizes are `shape`.
    public init(_ shape: Shape, epsilon: Float = 1e-5) {
        weight = Parameter(.ones(shape))
        bias = Parameter(.zeros(shape))
        self.epsilon = epsilon
    }

    /// Makes the layer for inputs `[…, width]`.
    public convenience init(_ width: Int, epsilon: Float = 1e-5) { self.init([width], epsilon: epsilon) }

    public override func forward(_ x: Tensor) -> Tensor {
        x.layerNorm(weight: weight, bias: bias, dimensions: weight.shape.count, epsilon: epsilon)
    }
}
