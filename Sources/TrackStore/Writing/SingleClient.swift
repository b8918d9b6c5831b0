import TrackModel

/// Whether one client alone sends small batches, one right after the other, and the disk is quick to take them.
///
/// A disk that is slow once, or a pause, is forgiven; a batch of another run is not.
struct SingleClient {
    /// Its next batch is there so soon after its last.
    var pause = Duration.microseconds(120)
    /// Whoever serves it waits for the disk no longer than this.
    var patience = Duration.microseconds(400)
    /// Whoever wrote nothing for so long does something else.
    var absence = Duration.milliseconds(20)
    /// So many in a row, and it is likely to go on.
    static let many = 32

    private var run: RunID?
    private var score = 0
    private var ended: ContinuousClock.Instant?

    var isSingle: Bool { score >= Self.many }

    /// A small batch was written, and nothing else beside it.
    mutating func wrote(to run: RunID, from began: ContinuousClock.Instant, to end: ContinuousClock.Instant) {
        if run != self.run { (self.run, score) = (run, 0) }
        let isQuick = end - began < patience && ended.map { began - $0 < pause } ?? false
        score = isQuick ? min(score + 1, 2 * Self.many) : score / 2
        ended = end
    }

    /// Something else was written.
    mutating func isNotAlone() { (run, score) = (nil, 0) }

    /// Finds out whether it has gone: it wrote nothing for so long as nobody waits who is about to go on.
    mutating func look(at now: ContinuousClock.Instant) {
        if let ended, now - ended > absence { isNotAlone() }
    }
}
