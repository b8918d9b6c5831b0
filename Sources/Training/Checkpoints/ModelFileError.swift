/// Why a file of weights or a checkpoint could not be read, written or used.
public enum ModelFileError: Error, Equatable, CustomStringConvertible {
    case cannotOpen(path: String, reason: String)
    case cannotWrite(path: String, reason: String)
    case notSafetensors(path: String, reason: String)
    case notACheckpoint(path: String)
    case newerVersion(path: String, found: Int, known: Int)
    case damaged(path: String, expected: String, found: String)
    case notAModel(path: String)
    case undescribed(type: String)
    case unknownLayer(type: String)
    case badLayer(type: String, option: String)
    case otherOptimizer(checkpoint: String, learner: String)
    case otherLoader(checkpoint: String, learner: String)
    case otherCallbacks(missing: [String])

    /// What happened, and what to do.
    public var description: String {
        switch self {
        case .cannotOpen(let path, let reason): "\(path) could not be read: \(reason)."
        case .cannotWrite(let path, let reason): "\(path) could not be written: \(reason). The file that was there before is unchanged."
        case .notSafetensors(let path, let reason): "\(path) is not a safetensors file: \(reason)."
        case .notACheckpoint(let path):
            "\(path) holds tensors but no state of a training. Load it with StateDict(contentsOf:) instead of resuming from it."
        case .newerVersion(let path, let found, let known):
            "\(path) is a checkpoint of version \(found); this library knows up to \(known). Update it."
        case .damaged(let path, let expected, let found):
            "\(path) is damaged: its checksum is \(found), not \(expected). Use an older checkpoint."
        case .notAModel(let path):
            "\(path) holds weights but no layers. Make the model in code and load it with load(from:)."
        case .undescribed(let type):
            "\(type) cannot be written as a description, as its code is its own. Save its weights with save(to:) and make it in code."
        case .unknownLayer(let type): "The file has a layer of type \(type), which this library does not know. Update it, or make the model in code."
        case .badLayer(let type, let option): "The file's \(type) has no usable value for \(option). Make the model in code and load the weights alone."
        case .otherOptimizer(let checkpoint, let learner):
            "The checkpoint was made with \(checkpoint), the learner has \(learner). Give the learner the same optimizer."
        case .otherLoader(let checkpoint, let learner):
            "The checkpoint's training loader had \(checkpoint), the learner's has \(learner). Give it the same data, batch size and seed."
        case .otherCallbacks(let missing):
            "The checkpoint holds state of \(missing.joined(separator: ", ")), which the learner does not have in the same place. "
                + "Give it the same callbacks in the same order."
        }
    }
}
