import Tensors

/// What a learner cannot go on with.
public enum LearnerError: Error, Equatable, CustomStringConvertible {
    case nothingToTrain(model: String)
    case unlistedParameters(model: String, shapes: [[Int]])
    case unknownMetric(String, askedBy: String, known: [String])
    case noValidation(askedBy: String)

    /// What happened, and what to do.
    public var description: String {
        switch self {
        case .nothingToTrain(let model):
            "\(model) has no parameter that requires a gradient. Unfreeze a part with requiresGrad(true), or check that parameters are stored in properties."
        case .unlistedParameters(let model, let shapes):
            "The loss depends on \(shapes.count) parameter\(shapes.count == 1 ? "" : "s") that \(model) does not list, of shape "
                + shapes.map { "\($0)" }.joined(separator: ", ") + ". Store each in a property of a module, so that the optimizer finds it."
        case .unknownMetric(let name, let asker, let known):
            "\(asker) watches \"\(name)\", but this fit has \(known.sorted().joined(separator: ", ")). "
                + "Put TrackResults before \(asker) in the list of callbacks, or watch one of these."
        case .noValidation(let asker):
            "\(asker) needs a validation loader, but the learner has none. Give DataLoaders(train:valid:) one."
        }
    }
}
