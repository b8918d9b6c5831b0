/// What a callback throws to leave one level of the loop; the levels around it go on.
///
/// The hooks that follow within the level are skipped, its `cleanup…` is not. `afterFit` always runs.
public enum Cancel: Error, Equatable, CustomStringConvertible {
    /// Skips the optimizer's step; gradients stay and the next batch adds to them.
    case step
    /// Leaves this batch; in training its gradients, and those that were accumulated before it, are forgotten.
    case batch
    /// Leaves this epoch's training or validation.
    case epoch
    /// Ends the fit, without an error. The reason is kept in ``Learner/stopReason``.
    case fit(reason: String)

    /// What is left.
    public var description: String {
        switch self {
        case .step: "The optimizer's step is skipped."
        case .batch: "The batch is skipped."
        case .epoch: "The epoch ends early."
        case .fit(let reason): "The fit ends: \(reason)"
        }
    }
}
