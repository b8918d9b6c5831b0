public import Layers
import Tensors

/// Everything that a training needs to go on as if it had never stopped, to the last bit.
public struct Checkpoint: Sendable, Equatable {
    /// Epochs done; the next is the one after them.
    public var epoch: Int
    /// The sum of the last training pass's batch losses.
    public var loss: Double
    /// Parameters and buffers.
    public var model: StateDict
    /// Tensors of the optimizer, named `velocity.layers.0.weight`.
    public var optimizer: StateDict
    /// Counts, rates, random numbers.
    public var progress: Progress
    /// State of callbacks, by their place in the learner's list and their type: `3.EarlyStopping`.
    public var callbacks: [String: CallbackState]

    /// The small part: counts, rates, random numbers.
    public struct Progress: Sendable, Equatable, Codable {
        /// As ``OptimizerChoice/name``.
        public var optimizerName: String
        /// Steps each parameter has taken.
        public var parameterSteps: [Int]
        /// The base rate, and the one of the last step.
        public var learningRate, currentRate: Double
        /// Optimizer steps and training passes so far, over all fits.
        public var stepCount, passCount: Int
        /// Streams of dropout and the like, by module path.
        public var randomStreams: [String: RandomStream]
        /// The training loader that the order of samples depends on.
        public var loader: String
        /// Where an epoch was interrupted; `nil` between two epochs.
        public var place: Place?
    }

    /// A place within an epoch's training pass.
    public struct Place: Sendable, Equatable, Codable {
        /// Batches of the pass that are done.
        public var batches: Int
        /// Their loss times samples, summed, and their samples.
        public var loss: Double, samples: Int
    }
}

extension Checkpoint {
    /// Takes a learner's state within an epoch's training pass, once a batch's hooks have run and no gradient waits for a step.
    init(within learner: Learner) {
        self.init(of: learner, epoch: learner.epoch, loss: learner.passLoss)
        progress.place = Place(batches: learner.batchIndex + 1, loss: learner.passLoss, samples: learner.passSamples)
        progress.passCount -= 1        // the pass begins again, at a later batch
    }

    /// Takes a learner's state between two epochs.
    public init(of learner: Learner, epoch: Int, loss: Double) {
        let optimizer = learner.optimizer
        (self.epoch, self.loss, model) = (epoch, loss, learner.model.stateDict())
        self.optimizer = StateDict(optimizer.state.sorted { $0.key < $1.key }.flatMap { slot, tensors in
            zip(optimizer.parameters, tensors).compactMap { named, tensor in
                tensor.map { StateDict.Entry(name: "\(slot).\(named.name)", shape: $0.shape.sizes, values: .floats($0.scalars)) }
            }
        })
        progress = Progress(
            optimizerName: learner.optimizerChoice.name, parameterSteps: optimizer.steps, learningRate: learner.learningRate,
            currentRate: optimizer.learningRate, stepCount: learner.stepCount, passCount: learner.passCount,
            randomStreams: learner.model.randomStreams, loader: learner.loaders.train.identity)
        callbacks = Dictionary(uniqueKeysWithValues: learner.callbacks.enumerated().compactMap { place, callback in
            let state = callback.checkpointState
            return state.isEmpty ? nil : (Checkpoint.name(of: callback, at: place), state)
        })
    }

    static func name(of callback: Callback, at place: Int) -> String { "\(place).\(type(of: callback))" }
}

extension DataLoader {
    /// What an order of samples depends on, in words.
    var identity: String {
        "\(sampleCount) samples, batch size \(batchSize), " + (isShuffled ? "shuffled with seed \(seed)" : "in order")
    }
}

extension Learner {
    /// Takes a checkpoint's state; the next ``fit(epochs:)`` goes on with its next epoch, or within one, bit by bit as if nothing
    /// had happened.
    ///
    /// The learner must be made as the first one was: model, data, optimizer, callbacks.
    /// - Throws: ``ModelFileError``, `StateDictError`; then nothing was changed.
    public func resume(_ checkpoint: Checkpoint) throws {
        let progress = checkpoint.progress
        guard progress.optimizerName == optimizerChoice.name else {
            throw ModelFileError.otherOptimizer(checkpoint: progress.optimizerName, learner: optimizerChoice.name)
        }
        guard progress.loader == loaders.train.identity else {
            throw ModelFileError.otherLoader(checkpoint: progress.loader, learner: loaders.train.identity)
        }
        let places = Dictionary(uniqueKeysWithValues: callbacks.enumerated().map { (Checkpoint.name(of: $1, at: $0), $1) })
        let missing = checkpoint.callbacks.keys.filter { places[$0] == nil }.sorted()
        guard missing.isEmpty else { throw ModelFileError.otherCallbacks(missing: missing) }
        try model.load(checkpoint.model)
        model.randomStreams = progress.randomStreams
        (learningRate, stepCount, passCount) = (progress.learningRate, progress.stepCount, progress.passCount)
        resumeOptimizer(checkpoint)
        for (name, state) in checkpoint.callbacks { try places[name]!.restore(state) }
        (firstEpoch, isResumed, interrupted) = (checkpoint.epoch, true, progress.place == nil ? nil : checkpoint)
    }

    /// Goes on within an epoch: its callbacks have begun it anew, and get back what they knew at the interruption.
    func takeUpEpoch() throws {
        guard let checkpoint = interrupted, let place = checkpoint.progress.place else { return }
        interrupted = nil
        (batchIndex, passLoss, passSamples) = (place.batches, place.loss, place.samples)
        for (number, callback) in callbacks.enumerated() {
            if let state = checkpoint.callbacks[Checkpoint.name(of: callback, at: number)] { try callback.restore(state) }
        }
    }

    private func resumeOptimizer(_ checkpoint: Checkpoint) {
        optimizer = optimizerChoice.make(model.namedParameters().map { NamedParameter(name: $0, parameter: $1) }, learningRate)
        optimizer.learningRate = checkpoint.progress.currentRate
        optimizer.steps = checkpoint.progress.parameterSteps
        let places = Dictionary(uniqueKeysWithValues: optimizer.parameters.enumerated().map { ($1.name, $0) })
        for entry in checkpoint.optimizer.entries {
            let (slot, name) = (entry.name.prefix { $0 != "." }, entry.name.drop { $0 != "." }.dropFirst())
            guard let place = places[String(name)], case .floats(let values) = entry.values else { continue }
            optimizer.slot(String(slot), at: place).withMutableScalars { _ = $0.update(fromContentsOf: values) }
        }
    }

    /// Reads a checkpoint file and takes its state; see ``resume(_:)``.
    public func resume(from path: String) throws { try resume(Checkpoint(contentsOf: path)) }
}
