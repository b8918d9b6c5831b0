/// Decides whether a loop stays awake for a moment after it has handed a request on, or sent its answer.
///
/// Waking a thread on an idle core takes longer than a small request. Where answers, or next requests, came within a moment the last
/// time, they are looked out for instead of slept for; while nothing comes, nothing is spent. Times are nanoseconds of one clock.
struct Wakefulness {
    /// What came within this time is worth staying awake for.
    private static let quick: Int64 = 200_000
    /// How long the loop stays awake.
    private static let moment: Int64 = 120_000

    private var taken: Int64 = 0
    private var answered: Int64 = 0
    private var answersAreQuick = false
    private var requestsAreQuick = false
    private var end: Int64 = 0

    func isAwake(at now: Int64) -> Bool { now < end }

    /// A request was handed to whoever answers it.
    mutating func taken(at now: Int64) {
        requestsAreQuick = now - answered < Self.quick
        taken = now
        if answersAreQuick { end = now + Self.moment }
    }

    /// Its answer is about to be sent.
    mutating func answered(at now: Int64) {
        answersAreQuick = now - taken < Self.quick
        answered = now
        if requestsAreQuick { end = now + Self.moment }
    }
}
