import TrackModel

/// What a metric is, by its declared goal and by the words in its name: rules look at loss, gradients, rates and machines only.
enum MetricRole: Sendable, Equatable {
    /// To be small, on training data.
    case trainingLoss
    /// Measured on held-out data; `true` if smaller is better.
    case validation(smallerIsBetter: Bool)
    case gradientNorm, learningRate, deadUnits, throughput, gpuUse, processMemory
    case other

    private static let losses: Set<Substring> = ["loss", "error", "err", "nll", "perplexity", "ppl", "rmse", "mse", "mae", "wer", "cer"]
    private static let scores: Set<Substring> = ["acc", "accuracy", "f1", "auc", "precision", "recall", "map", "bleu", "iou", "score", "r2"]
    private static let heldOut: Set<Substring> = ["val", "valid", "validation", "test", "eval"]

    init(_ name: String, goal: MetricDefinition.Goal? = nil) {
        let name = name.lowercased(), words = name.split { "/_.- ".contains($0) }, set = Set(words)
        self = name.hasPrefix("system/") ? Self.machine(set) : Self.training(words, set, goal)
    }

    private static func machine(_ words: Set<Substring>) -> MetricRole {
        if words.contains("gpu"), !words.isDisjoint(with: ["utilization", "util", "busy", "usage", "load"]) { return .gpuUse }
        if words.contains("memory"), !words.isDisjoint(with: ["process", "proc"]) { return .processMemory }
        return .other
    }

    private static func training(_ words: [Substring], _ set: Set<Substring>, _ goal: MetricDefinition.Goal?) -> MetricRole {
        if words.last == "lr" || words.last == "learningrate" || words.suffix(2) == ["learning", "rate"] { return .learningRate }
        if set.contains("gradnorm") || set.contains("norm") && !set.isDisjoint(with: ["grad", "gradient", "gradients"]) { return .gradientNorm }
        if set.contains("dead") { return .deadUnits }
        if set.contains("throughput") || set.contains("per") && !set.isDisjoint(with: ["second", "sec"]) { return .throughput }
        let isSmall = goal.map { $0 == .minimize } ?? (!set.isDisjoint(with: losses) ? true : set.isDisjoint(with: scores) ? nil : false)
        guard let isSmall else { return .other }
        if !set.isDisjoint(with: heldOut) { return .validation(smallerIsBetter: isSmall) }
        return isSmall && !set.isDisjoint(with: losses) ? .trainingLoss : .other
    }

    /// The name of the same metric on training data: `train/loss` for `val/loss`, `loss/train` for `loss/val`, `loss` for `val_loss`.
    static func counterparts(of name: String) -> [String] {
        for word in ["validation", "valid", "val", "test", "eval"] {
            guard let place = name.firstRange(of: word) else { continue }
            var bare = name
            bare.removeSubrange(place)
            return [name.replacingCharacters(in: place, with: "train"), bare.trimming { "/_.-".contains($0) }]
        }
        return []
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with word: String) -> String {
        var text = self
        text.replaceSubrange(range, with: word)
        return text
    }

    fileprivate func trimming(_ isCut: (Character) -> Bool) -> String { String(drop(while: isCut).reversed().drop(while: isCut).reversed()) }
}
