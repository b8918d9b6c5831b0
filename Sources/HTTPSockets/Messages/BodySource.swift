import Synchronization

/// Carries a body from the event loop to the handler, which may run on any thread.
///
/// Bounded: when `bufferLimit` bytes wait, the loop stops reading the socket until half of them are taken.
final class BodySource: Sendable {
    private struct State {
        var chunks: [[UInt8]] = []
        var first = 0
        var buffered = 0
        var hasEnded = false
        var failure: (any Error)?
        var waiter: CheckedContinuation<[UInt8]?, any Error>?
        var isPaused = false
        var isWanted = false
    }

    let declaredLength: Int?
    private let bufferLimit: Int
    private let demand: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameter demand: Called from any thread when the handler first waits, and when a paused body may go on.
    init(declaredLength: Int?, bufferLimit: Int, demand: @escaping @Sendable () -> Void) {
        self.declaredLength = declaredLength
        self.bufferLimit = bufferLimit
        self.demand = demand
    }

    /// Whether a handler waits for bytes now.
    var isAwaited: Bool { state.withLock { $0.waiter != nil } }

    // MARK: For the loop

    /// - Returns: Whether more may be read from the socket now.
    func push(_ chunk: [UInt8]) -> Bool {
        let (waiter, goesOn) = state.withLock { state -> (CheckedContinuation<[UInt8]?, any Error>?, Bool) in
            if let waiter = state.waiter {
                state.waiter = nil
                return (waiter, true)
            }
            state.chunks.append(chunk)
            state.buffered += chunk.count
            state.isPaused = state.buffered >= bufferLimit
            return (nil, !state.isPaused)
        }
        waiter?.resume(returning: chunk)
        return goesOn
    }

    func end() {
        take { $0.hasEnded = true }?.resume(returning: nil)
    }

    /// Ends the body with an error, behind what has already arrived.
    func fail(_ error: any Error) {
        take { if !$0.hasEnded { $0.failure = $0.failure ?? error } }?.resume(throwing: error)
    }

    private func take(_ change: (inout State) -> Void) -> CheckedContinuation<[UInt8]?, any Error>? {
        state.withLock { state in
            change(&state)
            defer { state.waiter = nil }
            return state.waiter
        }
    }

    // MARK: For the handler

    func next() async throws -> [UInt8]? {
        if let ready = try takeReady() { return ready.chunk }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wait($0) }
        } onCancel: {
            fail(CancellationError())
        }
    }

    /// Reads everything into one array of `length` bytes.
    func collectAll(_ length: Int) async throws -> [UInt8] {
        guard let first = try await next() else { return [] }
        if first.count == length { return first }
        var all: [UInt8] = []
        all.reserveCapacity(length)
        all += first
        while let chunk = try await next() { all += chunk }
        return all
    }

    /// What can be handed out at once: a chunk, or `nil` for the end.
    private func takeReady() throws -> (chunk: [UInt8]?, Void)? {
        var resumes = false
        let ready = try state.withLock { state -> (chunk: [UInt8]?, Void)? in
            guard state.first < state.chunks.count else {
                if let failure = state.failure { throw failure }
                return state.hasEnded ? (nil, ()) : nil
            }
            let chunk = state.chunks[state.first]
            state.chunks[state.first] = []
            state.first += 1
            if state.first == state.chunks.count {
                state.chunks.removeAll(keepingCapacity: true)
                state.first = 0
            }
            state.buffered -= chunk.count
            if state.isPaused, state.buffered <= bufferLimit / 2 {
                state.isPaused = false
                resumes = true
            }
            return (chunk, ())
        }
        if resumes { demand() }
        return ready
    }

    private func wait(_ continuation: CheckedContinuation<[UInt8]?, any Error>) {
        // What arrived between the look and the wait is handed out here.
        do {
            if let ready = try takeReady() { return continuation.resume(returning: ready.chunk) }
        } catch {
            return continuation.resume(throwing: error)
        }
        let outcome = state.withLock { state -> Outcome in
            if state.waiter != nil { return .misuse }
            if state.first < state.chunks.count || state.hasEnded || state.failure != nil { return .again }
            state.waiter = continuation
            defer { state.isWanted = true }
            return state.isWanted ? .waits : .firstWait
        }
        switch outcome {
        case .misuse: continuation.resume(throwing: HTTPError.bodyAlreadyRead)
        case .again: wait(continuation)
        case .firstWait: demand()
        case .waits: break
        }
    }

    private enum Outcome { case misuse, again, firstWait, waits }
}
