public import Layers
public import Tensors

/// The two passes of an epoch.
public enum Phase: String, Sendable, CaseIterable { case train, valid }

/// Trains a model: epochs, batches, loss, gradients, steps, with a hook for callbacks at every turn.
///
/// A learner belongs to the task that made it. Override ``predict(_:)``, ``loss(_:_:)``, ``backward(_:)`` or ``step()`` to change
/// what a batch does; write a ``Callback`` to add to it.
open class Learner {
    /// What is trained.
    public final let model: Module
    /// The data.
    public final let loaders: DataLoaders
    /// What compares predictions with targets; a scalar.
    public final let lossFunction: (_ predictions: Tensor, _ targets: Tensor) -> Tensor
    /// Which optimizer each fit makes.
    public final let optimizerChoice: OptimizerChoice
    /// In the order in which they run.
    public final var callbacks: [Callback]
    /// The rate that each fit begins with and that schedules shape. What the next step uses is `optimizer.learningRate`.
    public final var learningRate: Double

    /// Made anew by each fit, unless a checkpoint is resumed.
    public internal(set) final var optimizer: Optimizer
    /// Whether the current pass trains or validates.
    public private(set) final var phase = Phase.train
    /// The current epoch, from 0, of ``epochs``.
    public internal(set) final var epoch = 0
    /// How many epochs this fit has in all.
    public private(set) final var epochs = 0
    /// The current batch of this pass, from 0, of ``batchCount``.
    public internal(set) final var batchIndex = 0
    /// Batches in this pass.
    public private(set) final var batchCount = 0
    /// Optimizer steps so far, over all fits of this learner.
    public internal(set) final var stepCount = 0
    /// Whether the current batch ended in an optimizer step.
    public private(set) final var stepped = false

    /// The current batch; `beforeBatch` may change it.
    public final var batch = Batch(x: Tensor(0), y: Tensor(0))
    /// What the model made of the current batch.
    public private(set) final var predictions = Tensor(0)
    /// The current batch's loss, with its graph in training.
    public private(set) final var loss = Tensor(0)
    /// The current batch's loss, as a number.
    public private(set) final var lossValue = 0.0
    /// √Σg² over all gradients, before any clipping, computed once a step if there is a callback.
    public private(set) final var gradientNorm = 0.0
    /// The current pass's means over samples: `loss`, and what callbacks such as ``TrackResults`` add.
    public final var metrics: [String: Double] = [:]
    /// Why the last fit ended early; empty if it did not.
    public private(set) final var stopReason = ""
    /// Multiplies each batch's gradient, not its loss; 1 ÷ k where k batches are accumulated.
    public final var gradientScale: Float = 1
    /// Training passes begun so far, over all fits: what an epoch's order is drawn from.
    public internal(set) final var passCount = 0
    /// Set by ``resume(from:)`` for the next fit; the checkpoint only if it was taken within an epoch.
    var firstEpoch = 0, isResumed = false, interrupted: Checkpoint?
    /// Loss times samples, and samples, of this pass so far.
    var passLoss = 0.0, passSamples = 0
    /// Whether the current batch's hooks have all run.
    private(set) var isBatchDone = false
    /// The first backward of a fit looks for parameters that the model does not list.
    var checksParameters = true
    var unlisted: [Tensor] = []

    /// Stores what a fit needs; nothing runs yet.
    /// - Parameters:
    ///   - loss: Compares predictions with targets; gives a scalar.
    ///   - learningRate: The optimizer's rate, and the base of schedules.
    ///   - callbacks: Run in this order at every turn.
    public init(
        _ model: Module, _ loaders: DataLoaders, loss: @escaping (_ predictions: Tensor, _ targets: Tensor) -> Tensor,
        learningRate: Double, callbacks: [Callback] = [], optimizer: OptimizerChoice = .sgd
    ) {
        (self.model, self.loaders, lossFunction, self.learningRate) = (model, loaders, loss, learningRate)
        (self.callbacks, optimizerChoice) = (callbacks, optimizer)
        self.optimizer = optimizer.make(model.namedParameters().map { NamedParameter(name: $0, parameter: $1) }, learningRate)
    }

    // MARK: What a batch does

    /// The forward pass.
    open func predict(_ x: Tensor) -> Tensor { model(x) }
    /// Compares predictions with targets; gives a scalar.
    open func loss(_ predictions: Tensor, _ targets: Tensor) -> Tensor { lossFunction(predictions, targets) }
    /// Computes all gradients.
    open func backward(_ loss: Tensor) { differentiate(gradientScale == 1 ? loss : loss * gradientScale) }
    /// Changes the parameters, and forgets the gradients.
    open func step() { optimizer.step() }

    // MARK: The loop

    /// Trains for `epochs` passes over the training set, each followed by one over the validation set.
    ///
    /// After ``resume(from:)``, goes on with the checkpoint's next epoch, up to `epochs` in all.
    /// - Throws: What a callback, a data set or this learner found wrong; a ``Cancel`` ends quietly, see ``stopReason``.
    public final func fit(epochs: Int) throws {
        (self.epochs, stopReason, checksParameters) = (epochs, "", true)
        epoch = firstEpoch
        defer { for callback in callbacks { callback.cleanupFit(self) } }
        let outcome = Result {
            for callback in callbacks { try callback.beforeFit(self) }
            try prepareOptimizer()
            while epoch < epochs {
                try pass(.train, over: loaders.train)
                if let valid = loaders.valid { try evaluate(on: valid) }
                for callback in callbacks { try callback.betweenEpochs(self) }
                epoch += 1
            }
        }
        (firstEpoch, isResumed, interrupted) = (0, false, nil)
        if case .failure(let error as Cancel) = outcome, case .fit(let reason) = error { stopReason = reason }
        for callback in callbacks { try callback.afterFit(self) }
        if case .failure(let error) = outcome, !(error is Cancel) { throw error }
    }

    /// A pass in evaluation, without gradients. Parts of the model that were in evaluation before are so after it.
    func evaluate(on loader: DataLoader) throws {
        try model.inEvaluation { try noGrad { try pass(.valid, over: loader) } }
    }

    /// One pass over a loader, as an epoch's half.
    private func pass(_ phase: Phase, over loader: DataLoader) throws {
        (self.phase, batchIndex, batchCount, passLoss, passSamples) = (phase, 0, loader.count, 0, 0)
        if phase == .train && !model.isTraining { model.train() }
        metrics.removeAll(keepingCapacity: true)
        defer { for callback in callbacks { callback.cleanupEpoch(self) } }
        do {
            for callback in callbacks { try callback.beforeEpoch(self) }
            if phase == .train {
                passCount += 1
                try takeUpEpoch()
            }
            var batches = try loader.start(epoch: phase == .train ? passCount - 1 : 0, from: batchIndex)
            while let batch = try batches.next() {
                self.batch = batch
                try oneBatch()
                batchIndex += 1
            }
            metrics["loss"] = passSamples == 0 ? .nan : passLoss / Double(passSamples)
            for callback in callbacks { try callback.afterEpoch(self) }
        } catch Cancel.epoch {}
    }

    private func oneBatch() throws {
        let samples = batch.count, callbacks = callbacks
        (stepped, isBatchDone) = (false, false)
        defer { for callback in callbacks { callback.cleanupBatch(self) } }
        do {
            for callback in callbacks { try callback.beforeBatch(self) }
            predictions = predict(batch.x)
            loss = loss(predictions, batch.y)
            lossValue = Double(loss.item)
            for callback in callbacks { try callback.afterLoss(self) }
            if phase == .train { try trainOnLoss(callbacks) }
            for callback in callbacks { try callback.afterBatch(self) }
            passLoss += lossValue * Double(samples)
            passSamples += samples
            isBatchDone = true
        } catch Cancel.batch {
            if phase == .train { optimizer.zeroGradients() }
        }
    }

    private func trainOnLoss(_ callbacks: [Callback]) throws {
        backward(loss)
        if checksParameters { try checkParameters() }
        do {
            if !callbacks.isEmpty { gradientNorm = currentGradientNorm() }
            for callback in callbacks { try callback.afterBackward(self) }
            for callback in callbacks { try callback.beforeStep(self) }
            takeStep()
        } catch Cancel.step {}
    }

    /// Steps with the gradients there are.
    public final func takeStep() {
        step()
        stepCount += 1
        stepped = true
    }
}
