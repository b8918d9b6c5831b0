/// How to make one number of several classes.
public enum Average: Sendable, Equatable {
    /// Of one class alone.
    case binary(positive: Int)
    /// The plain mean over classes: small classes count as much as large ones.
    case macro
    /// Over all decisions together; for single-label classes this is the accuracy.
    case micro
    /// The mean over classes, weighted by how often each occurs.
    case weighted
}

/// How often each class was taken for which: accuracy, precision, recall and F1, one batch at a time.
///
/// Balanced classes → accuracy; unbalanced ones, where the quality of each class counts → F1.
/// Where a class never occurs or is never predicted, its ratio 0 ÷ 0 counts as 0, and ``undefined`` names it.
public struct Confusion: Sendable, Equatable {
    /// How many classes there are.
    public let classes: Int
    /// `counts[actual * classes + predicted]`
    public private(set) var counts: [Int]

    /// Counts start at 0. Memory is `classes`².
    /// - Precondition: `classes` ≥ 1.
    public init(classes: Int) {
        precondition(classes > 0, "Confusion: \(classes) classes; at least 1 is needed")
        self.classes = classes
        counts = Array(repeating: 0, count: classes * classes)
    }

    /// Counts one batch. Any division of the data into batches gives the same numbers.
    public mutating func add(predicted: some Collection<Int>, actual: some Collection<Int>) {
        precondition(predicted.count == actual.count, "Confusion: \(predicted.count) predictions for \(actual.count) labels")
        for (guess, truth) in zip(predicted, actual) {
            precondition(
                0..<classes ~= guess && 0..<classes ~= truth,
                "Confusion: class \(0..<classes ~= guess ? truth : guess) is outside 0…\(classes - 1)")
            counts[truth * classes + guess] += 1
        }
    }

    /// All answers.
    public var total: Int { counts.reduce(0, +) }
    /// Right answers.
    public var correct: Int { (0..<classes).reduce(0) { $0 + counts[$1 * classes + $1] } }

    /// The share of right answers; 0 without any answer.
    public var accuracy: Double { Self.ratio(correct, total) }

    /// Of those said to be of a class, the share that are.
    public func precision(_ average: Average) -> Double {
        averaged(average) { Self.ratio(hits($0), predicted($0)) }
    }

    /// Of those that are of a class, the share that were found.
    public func recall(_ average: Average) -> Double {
        averaged(average) { Self.ratio(hits($0), actual($0)) }
    }

    /// The harmonic mean of precision and recall: 2·hits ÷ (predicted + actual).
    public func f1(_ average: Average) -> Double {
        averaged(average) { Self.ratio(2 * hits($0), predicted($0) + actual($0)) }
    }

    /// What was taken as 0 because nothing was there to count, for a log or a caption.
    public var undefined: [String] {
        (0..<classes).filter { predicted($0) == 0 }.map { "Precision of class \($0) is taken as 0: it was never predicted." }
            + (0..<classes).filter { actual($0) == 0 }.map { "Recall of class \($0) is taken as 0: it never occurred." }
    }

    /// How often a class was found.
    public func hits(_ label: Int) -> Int { counts[label * classes + label] }
    /// How often a class occurred.
    public func actual(_ label: Int) -> Int { (0..<classes).reduce(0) { $0 + counts[label * classes + $1] } }
    /// How often a class was said.
    public func predicted(_ label: Int) -> Int { (0..<classes).reduce(0) { $0 + counts[$1 * classes + label] } }

    private func averaged(_ average: Average, _ value: (Int) -> Double) -> Double {
        // A class that neither occurred nor was predicted takes no part in a mean, as in scikit-learn.
        let present = (0..<classes).filter { actual($0) + predicted($0) > 0 }
        switch average {
        case .binary(let positive):
            precondition(0..<classes ~= positive, "Confusion: positive class \(positive) is outside 0…\(classes - 1)")
            return value(positive)
        case .macro: return present.isEmpty ? 0 : present.reduce(0) { $0 + value($1) } / Double(present.count)
        case .micro: return accuracy
        case .weighted: return total == 0 ? 0 : present.reduce(0) { $0 + value($1) * Double(actual($1)) } / Double(total)
        }
    }

    private static func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}
