import Layers
import Track
public import Training

/// A number of a fit that can be changed from the run's page while the fit runs.
///
/// ```swift
/// TrackCallback(adjustable: [.learningRate(in: 1e-6...0.1)])
/// ```
/// A change is made on the thread that trains, between two steps: it holds from the next step on.
public struct Adjustable {
    /// The name that the page shows.
    public let name: String
    /// What it may become.
    public let range: ClosedRange<Double>
    private let get: (Learner) -> Double
    private let set: (Learner, Double) throws -> Void
    /// Why it cannot be changed in this fit; `nil` if it can.
    private let obstacle: (Learner) -> String?

    /// A number of your own: a callback's, a model's.
    /// - Parameters:
    ///   - get: Reads it; asked after each batch, so that the page shows what it is.
    ///   - set: Changes it. What it throws is told to whoever asked.
    public static func value(
        _ name: String, in range: ClosedRange<Double>, get: @escaping (Learner) -> Double, set: @escaping (Learner, Double) throws -> Void
    ) -> Adjustable {
        Adjustable(name: name, range: range, get: get, set: set) { _ in nil }
    }

    /// The learning rate: what the optimizer uses, or, with a schedule, the rate that the schedule shapes.
    ///
    /// A schedule that takes no notice of that rate, such as ``Training/OneCycle`` with a peak of its own, leaves nothing to change: then the page does not offer it.
    public static func learningRate(in range: ClosedRange<Double>) -> Adjustable {
        Adjustable(name: "learning_rate", range: range, get: { learner in
            scheduler(of: learner) == nil ? learner.optimizer.learningRate : learner.learningRate
        }, set: { learner, rate in
            learner.learningRate = rate
            if scheduler(of: learner) == nil { learner.optimizer.learningRate = rate }
        }, obstacle: { learner in
            guard let schedule = scheduler(of: learner)?.schedule, !follows(schedule) else { return nil }
            return "the schedule \(type(of: schedule)) takes no notice of the learner's rate"
        })
    }

    private static func scheduler(of learner: Learner) -> Scheduler? { learner.callbacks.lazy.compactMap { $0 as? Scheduler }.first }

    /// Whether a schedule shapes the rate that it is given, somewhere on its way.
    private static func follows(_ schedule: any Schedule) -> Bool {
        (0..<8).contains { schedule.rate(at: $0, of: 8, base: 1) != schedule.rate(at: $0, of: 8, base: 2) }
    }

    // MARK: Used by the callback

    func objection(in learner: Learner) -> String? { obstacle(learner) }
    func declared(of learner: Learner) -> DeclaredValue { DeclaredValue(name, value: get(learner), in: range) }
    func value(of learner: Learner) -> Double { get(learner) }
    func set(_ value: Double, in learner: Learner) throws { try set(learner, value) }

    func change(_ command: RunCommand, _ learner: Learner) {
        guard let value = command.value?.doubleValue else { return command.refuse("\(name) is a number.") }
        do {
            try set(value, in: learner)
            command.done(step: learner.stepCount)
        } catch {
            command.refuse("\(error)")
        }
    }
}
