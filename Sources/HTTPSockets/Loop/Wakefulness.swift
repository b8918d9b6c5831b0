/// Decides whether a loop stays awake for a moment after it has handed a request on, or sent its answer.
///
/// Waking a thread on an idle core takes longer than a small request. Where answers, or next requests, came within a moment the last
/// time, they are looked out for instead of slept for; while nothing comes, nothing is spent. Nor is anything while requests come in
/// a crowd: there is always something to do then, and whoever looks out takes the core from others. Times are nanoseconds of one clock.
struct Wakefulness {
    /// What came within this time is worth staying awake for.
    private static let quick: Int64 = 200_000
    /// How long the loop stays awake.
    private static let moment: Int64 = 120_000

    /// More requests than this, with no answer between them, are a crowd; it has gone after so many times of fewer.
    private static let few = 3, patience = 64

    private var taken: Int64 = 0
    private var answered: Int64 = 0
    private var answersAreQuick = false
    private var requestsAreQuick = false
    private var end: Int64 = 0
    /// Requests since the last answer.
    private var unanswered = 0
    /// How many times of few requests are left until the crowd is forgotten.
    private var crowd = 0

    func isAwake(at now: Int64) -> Bool { now < end }

    /// What is looked out for is an answer, which another thread brings.
    var awaitsAnswer: Bool { unanswered > 0 }

    /// A request was handed to whoever answers it.
    mutating func taken(at now: Int64) {
        requestsAreQuick = now - answered < Self.quick
        taken = now
        unanswered += 1
        if answersAreQuick, crowd == 0 { end = now + Self.moment }
    }

    /// Its answer is about to be sent.
    mutating func answered(at now: Int64) {
        answersAreQuick = now - taken < Self.quick
        answered = now
        if unanswered > Self.few { crowd = Self.patience } else if unanswered > 0, crowd > 0 { crowd -= 1 }
        unanswered = 0
        if requestsAreQuick, crowd == 0 { end = now + Self.moment }
    }
}
