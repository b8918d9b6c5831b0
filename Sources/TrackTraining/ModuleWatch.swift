public import Layers
import Tensors
public import Track
public import Training

/// Logs the distributions of a module's parameters and their gradients, as histograms `weights/…` and `gradients/…`, every so many steps.
///
/// In a loop of your own:
/// ```swift
/// let watch = track.watch(model, every: 100)
/// for step in 0..<steps {
///     loss(model(x), y).backward()
///     watch.log(step: step)           // between backward and step: gradients are there
///     optimizer.step()
/// }
/// ```
/// With a ``Training/Learner`` it is one of the callbacks: `callbacks: [TrackCallback(histograms: .never), track.watch(model)]`.
public final class ModuleWatch: Callback {
    /// What is logged.
    public struct Content: OptionSet, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }
        public static let parameters = Content(rawValue: 1)
        public static let gradients = Content(rawValue: 2)
        public static let all: Content = [.parameters, .gradients]
    }

    private let run: Run?
    private let named: [(name: String, parameter: Parameter)]
    private let steps: Int
    private let content: Content
    private let prefix: String

    init(_ module: Module, to run: Run?, every steps: Int, content: Content, prefix: String) {
        (self.run, self.steps, self.content, self.prefix) = (run, max(1, steps), content, prefix)
        named = module.namedParameters()
    }

    /// Logs if `step` is one of those to log: a multiple of the interval. Call it at each step, after `backward()` and before the optimizer's step.
    /// - Complexity: O(parameters) at the steps that are logged, two passes over each; nothing at the others.
    public func log(step: Int) {
        guard let run, step.isMultiple(of: steps) else { return }
        for (name, parameter) in named {
            if content.contains(.parameters) { TrackCallback.log(parameter, as: prefix + "weights/" + name, at: step, to: run) }
            if content.contains(.gradients), let gradient = parameter.grad {
                TrackCallback.log(gradient, as: prefix + "gradients/" + name, at: step, to: run)
            }
        }
    }

    public override func beforeStep(_ learner: Learner) { log(step: learner.stepCount) }
}

extension Run {
    /// Watches a module's parameters and gradients; see ``ModuleWatch``.
    /// - Parameters:
    ///   - steps: How often, in optimizer steps; 100 as a rule, so that the cost cannot be seen.
    ///   - content: Parameters, gradients, or both.
    ///   - prefix: Stands before the names: `encoder/` gives `encoder/weights/…`. Tells several modules apart.
    public func watch(_ module: Module, every steps: Int = 100, content: ModuleWatch.Content = .all, prefix: String = "") -> ModuleWatch {
        ModuleWatch(module, to: self, every: steps, content: content, prefix: prefix)
    }
}

extension Tracker {
    /// Watches a module for the current run; without a run the watch does nothing.
    public func watch(_ module: Module, every steps: Int = 100, content: ModuleWatch.Content = .all, prefix: String = "") -> ModuleWatch {
        ModuleWatch(module, to: run, every: steps, content: content, prefix: prefix)
    }
}
