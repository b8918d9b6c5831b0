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
        var collector: CheckedContinuation<[UInt8], any Error>?
        /// What has come for the collector.
        var collected = BodyBuffer(length: 0)
        /// Memory for the whole body; afterwards the body itself, so that its memory can serve the next one.
        var spare: [UInt8] = []
        var isPaused = false
        var isWanted = false

        mutating func takeCollected() -> [UInt8] {
            spare = collected.take()
            return spare
        }
    }

    let declaredLength: Int?
    private let bufferLimit: Int
    private let demand: @Sendable () -> Void
    private let state: Mutex<State>

    /// - Parameter spare: Memory that a whole body may be received into.
    /// - Parameter demand: Called from any thread when the handler first waits, and when a paused body may go on.
    init(declaredLength: Int?, bufferLimit: Int, spare: [UInt8] = [], demand: @escaping @Sendable () -> Void) {
        var state = State()
        state.spare = spare
        self.state = Mutex(state)
        self.declaredLength = declaredLength
        self.bufferLimit = bufferLimit
        self.demand = demand
    }

    // MARK: For the loop

    /// - Returns: Whether more may be read from the socket now.
    func push(_ chunk: [UInt8]) -> Bool {
        let (waiter, goesOn) = state.withLock { state -> (CheckedContinuation<[UInt8]?, any Error>?, Bool) in
            if let waiter = state.waiter {
                state.waiter = nil
                return (waiter, true)
            }
            if state.collector != nil {
                state.collected.append(chunk)
                return (nil, true)
            }
            state.chunks.append(chunk)
            state.buffered += chunk.count
            // Once paused, only the handler ends it: else its call to go on would never come, and the upload would stand still.
            state.isPaused = state.isPaused || state.buffered >= bufferLimit
            return (nil, !state.isPaused)
        }
        waiter?.resume(returning: chunk)
        return goesOn
    }

    /// Lets `receive` write straight into the array that a handler waits for.
    /// - Returns: What `receive` returned; `nil` if no handler waits for the whole body.
    func fill(upTo wanted: Int, _ receive: (UnsafeMutableRawBufferPointer) -> Int) -> Int? {
        state.withLock { $0.collector == nil ? nil : $0.collected.fill(upTo: wanted, receive) }
    }

    func end() {
        let (waiter, collector, bytes) = state.withLock { state in
            state.hasEnded = true
            defer { (state.waiter, state.collector) = (nil, nil) }
            return (state.waiter, state.collector, state.collector == nil ? [] : state.takeCollected())
        }
        waiter?.resume(returning: nil)
        collector?.resume(returning: bytes)
    }

    /// Ends the body with an error, behind what has already arrived.
    func fail(_ error: any Error) {
        let (waiter, collector) = state.withLock { state in
            if !state.hasEnded { state.failure = state.failure ?? error }
            defer { (state.waiter, state.collector, state.collected) = (nil, nil, BodyBuffer(length: 0)) }
            return (state.waiter, state.collector)
        }
        waiter?.resume(throwing: error)
        collector?.resume(throwing: error)
    }

    /// The memory of the body, once the exchange is over. Whoever still has the body keeps it: then writing here would copy.
    func takeSpare() -> [UInt8] {
        state.withLock { state in
            defer { state.spare = [] }
            return state.spare
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

    /// Reads the rest into one array; `length` is how long it may be.
    func collectAll(_ length: Int) async throws -> [UInt8] {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { collect($0, length) }
        } onCancel: {
            fail(CancellationError())
        }
    }

    private func collect(_ continuation: CheckedContinuation<[UInt8], any Error>, _ length: Int) {
        let ready = state.withLock { state -> Result<[UInt8], any Error>? in
            if state.waiter != nil || state.collector != nil { return .failure(HTTPError.bodyAlreadyRead) }
            if let failure = state.failure { return .failure(failure) }
            state.collected = BodyBuffer(length: length, spare: state.spare)
            state.spare = []
            for chunk in state.chunks[state.first...] { state.collected.append(chunk) }
            (state.chunks, state.first, state.buffered, state.isPaused, state.isWanted) = ([], 0, 0, false, true)
            if state.hasEnded { return .success(state.takeCollected()) }
            state.collector = continuation
            return nil
        }
        if let ready { continuation.resume(with: ready) } else { demand() }
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
            if state.waiter != nil || state.collector != nil { return .misuse }
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
