/// Batches that chunks hold by now, and which of their rows to delete next.
///
/// Rows of many runs share pages. Deleting each run's rows as it is folded would write every page again for each run that had rows in it;
/// so they go in the order in which they came, once all before them are folded too: then whole pages become free.
struct FoldedBatches {
    /// After this time a row goes even if an older one is still needed: a run that says little would keep everybody's.
    static let patience = Duration.seconds(30)

    /// In ascending order of their ids, with the time of the fold.
    private var waiting: [(id: Int64, since: ContinuousClock.Instant)] = []

    var isEmpty: Bool { waiting.isEmpty }

    /// - Parameter folded: Ascending ids.
    mutating func add(_ folded: [Int64], at now: ContinuousClock.Instant) {
        guard let first = folded.first else { return }
        let isBehind = waiting.last.map { $0.id > first } ?? false
        waiting += folded.map { ($0, now) }
        if isBehind { waiting.sort { $0.id < $1.id } }
    }

    /// What to delete now, oldest first.
    /// - Parameter needed: The oldest batch that is still to be folded; `nil` if there is none.
    func next(before needed: Int64?, most: Int, at now: ContinuousClock.Instant) -> [Int64] {
        waiting.prefix(most).prefix { $0.id < needed ?? .max || now - $0.since >= Self.patience }.map(\.id)
    }

    /// The first `count` are gone.
    mutating func removeFirst(_ count: Int) { waiting.removeFirst(count) }
}
