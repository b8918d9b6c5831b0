public import Layers

/// A hook into the loop of a ``Learner``: override what you need, everything else does nothing.
///
/// Callbacks run in the order of the learner's list. `before…` and `after…` surround a level of the loop, `cleanup…` runs at
/// its end even if it was left by a ``Cancel`` or an error. An epoch has one pass in each phase, so the epoch hooks run twice:
/// for training, then for validation. Everything that a hook may read is there when it runs.
open class Callback {
    /// Does nothing until a hook is overridden.
    public init() {}

    /// Before anything else; the optimizer is made after this, with the learner's `learningRate`.
    open func beforeFit(_ learner: Learner) throws {}
    /// Always, also after a cancel or an error.
    open func afterFit(_ learner: Learner) throws {}
    /// At the end of a fit, however it was left.
    open func cleanupFit(_ learner: Learner) {}

    /// Before the first batch of a pass; `learner.phase` says which.
    open func beforeEpoch(_ learner: Learner) throws {}
    /// `learner.metrics` holds this pass's means.
    open func afterEpoch(_ learner: Learner) throws {}
    /// At the end of a pass, however it was left.
    open func cleanupEpoch(_ learner: Learner) {}
    /// After an epoch's last pass, when every callback has seen its end: the moment to save.
    open func betweenEpochs(_ learner: Learner) throws {}

    /// `learner.batch` may be changed.
    open func beforeBatch(_ learner: Learner) throws {}
    /// `learner.predictions` and `learner.loss` are there; in training, nothing has been differentiated yet.
    open func afterLoss(_ learner: Learner) throws {}
    /// In training: every trained parameter has its gradient.
    open func afterBackward(_ learner: Learner) throws {}
    /// In training: the last look at the gradients and `optimizer.learningRate` before parameters change.
    open func beforeStep(_ learner: Learner) throws {}
    /// After a batch; in training the parameters have changed if `learner.stepped`.
    open func afterBatch(_ learner: Learner) throws {}
    /// At the end of a batch, however it was left.
    open func cleanupBatch(_ learner: Learner) {}

    /// Whether ``Learner/validate(on:)`` and ``Learner/predictions(for:)`` run this callback too: yes for what changes inputs or measures.
    open var servesInference: Bool { false }

    /// What a checkpoint must keep so that this callback goes on as if nothing had happened; empty by default.
    open var checkpointState: CallbackState { CallbackState() }
    /// Takes back what ``checkpointState`` gave. Called before `beforeFit`, and when an epoch is taken up in its middle once more
    /// after its `beforeEpoch`.
    open func restore(_ state: CallbackState) throws {}
}

/// The part of a checkpoint that belongs to one callback.
public struct CallbackState: Sendable, Equatable {
    /// Numbers by a name of the callback's own.
    public var numbers: [String: [Double]]
    /// Tensors such as the best weights so far.
    public var tensors: StateDict

    /// Holds numbers and tensors.
    public init(numbers: [String: [Double]] = [:], tensors: StateDict = StateDict()) { (self.numbers, self.tensors) = (numbers, tensors) }

    /// Whether there is nothing to keep.
    public var isEmpty: Bool { numbers.isEmpty && tensors.entries.isEmpty }
}
