import TrackModel

/// What a commit promised to those who wait for it, to be said once the commit is safe.
struct Committed: Sendable {
    /// What a batch's sender will hear.
    private struct Answer {
        let job: BatchJob
        let result: Result<BatchAcknowledgement, any Error>
    }

    /// By the thread that gives them; `nil` is whoever finds the commit safe.
    private var answers: [(thread: (any AnswerThread)?, answers: [Answer])] = []
    private var changes: [any ChangeJob] = []
    /// It stands in SQLite's log; else in the journal.
    let isInLog: Bool

    init(isInLog: Bool) { self.isInLog = isInLog }

    var isEmpty: Bool { answers.isEmpty && changes.isEmpty }

    mutating func answer(_ job: BatchJob, _ result: Result<BatchAcknowledgement, any Error>) {
        if let place = answers.firstIndex(where: { $0.thread === job.thread }) { return answers[place].answers.append(Answer(job: job, result: result)) }
        answers.append((job.thread, [Answer(job: job, result: result)]))
    }

    mutating func add(_ change: any ChangeJob) { changes.append(change) }

    func succeed() {
        give { $0.job.answer($0.result) }
        for change in changes { change.succeed() }
    }

    func fail(_ error: any Error) {
        give { $0.job.answer(.failure(error)) }
        for change in changes { change.fail(error) }
    }

    /// All of a thread's answers in one go, so that one with many clients is called once.
    private func give(_ one: @escaping @Sendable (Answer) -> Void) {
        for (thread, answers) in answers {
            if let thread { thread.perform { answers.forEach(one) } } else { answers.forEach(one) }
        }
    }
}
