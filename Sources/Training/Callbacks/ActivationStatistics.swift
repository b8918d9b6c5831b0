public import Layers

/// Mean and standard deviation of layers' outputs while training: whether signals die or explode on their way.
///
/// Hooks are set while a fit runs and taken out after it. A layer that is watched is not fused with a ReLU behind it.
public final class ActivationStatistics: Callback {
    /// What one layer gave out at one step.
    public struct Reading: Sendable, Equatable {
        /// The optimizer step that it belongs to, from 0.
        public let step: Int
        /// The path in the model: `layers.0`.
        public let layer: String
        /// Over all elements of the output.
        public let mean, deviation: Double
    }

    /// Steps between readings.
    public let every: Int
    private let belongs: (String, Module) -> Bool
    private let report: (Reading) -> Void
    /// In the order in which layers ran; emptied by each fit.
    public private(set) var readings: [Reading] = []
    private var handles: [HookHandle] = []
    private var isListening = false
    private var step = 0

    /// - Parameters:
    ///   - every: Steps between readings; reading costs two passes over each output.
    ///   - layers: Which modules, by path and kind; those without modules inside by default.
    ///   - report: Gets each reading, to log it.
    public init(
        every: Int = 1, layers: @escaping (_ path: String, _ module: Module) -> Bool = { $1.children.isEmpty },
        report: @escaping (Reading) -> Void = { _ in }
    ) {
        precondition(every >= 1, "ActivationStatistics: every is \(every); it must be at least 1")
        (self.every, belongs, self.report) = (every, layers, report)
    }

    public override func beforeFit(_ learner: Learner) {
        readings = []
        for (path, module) in learner.model.namedModules() where belongs(path, module) {
            handles.append(module.addForwardHook { [unowned self] _, _, output in
                guard isListening else { return }
                let reading = Reading(step: step, layer: path, mean: Double(output.detach().mean().item), deviation: Double(output.detach().std().item))
                readings.append(reading)
                report(reading)
            })
        }
    }

    public override func beforeBatch(_ learner: Learner) {
        step = learner.stepCount
        isListening = learner.phase == .train && step % every == 0
    }

    public override func cleanupBatch(_ learner: Learner) { isListening = false }

    public override func cleanupFit(_ learner: Learner) {
        for handle in handles { handle.remove() }
        handles = []
    }
}
