/// One request and its response on a connection. A class: it has many fields, and would be copied where it is only looked at.
final class Exchange {
    enum ResponseState: Equatable {
        case none
        /// A stream has been accepted; its head leaves with its first byte.
        case prepared
        /// Body bytes follow: chunked, of known length (bytes still missing), or until the connection closes.
        case streaming(StreamFraming)
        /// Everything is in the output queue.
        case queued
    }
    enum StreamFraming: Equatable { case chunked, length(Int), untilClose, discarded }

    var request: Request?
    let started: Int64
    let isHead: Bool
    let minorVersion: Int
    var keepsAlive: Bool
    /// The client waits for `100 Continue`, which has not been sent.
    var awaitsContinue: Bool
    var framing: BodyFraming
    var bodyLimit = Int.max
    var received = 0
    /// An eager body as it arrives.
    var collected: [UInt8] = []
    var source: BodySource?
    /// The rest of the body is read and dropped.
    var isDiscarding = false
    var isPaused = false
    var requestIsComplete = false
    var route: Router.Route?

    var response = ResponseState.none
    var prepared: Response?
    var status = 0
    var bytesQueued = 0
    var task: Task<Void, Never>?
    var writer: CheckedContinuation<Void, any Error>?
    var listener: EventListener?
    var hub: EventHub?
    var sendsHeartbeats = false

    init(head: RequestHead, request: Request, now: Int64) {
        self.request = request
        started = now
        isHead = request.isHead
        minorVersion = head.facts.minorVersion
        keepsAlive = head.facts.keepsAlive
        awaitsContinue = head.facts.expectsContinue
        framing = head.facts.framing
    }

    /// Whether so much of the request's body is still to come that the connection is better closed than the body read for nothing.
    /// - Parameter limit: In bytes.
    func restIsTooLong(for limit: Int) -> Bool {
        guard !requestIsComplete else { return false }
        switch framing {
        case .none: return false
        case .length(let length): return awaitsContinue || length - received > limit
        case .chunked: return awaitsContinue || received > limit
        }
    }

    /// For a request that could not be read: there is only an answer.
    init(refusedAt now: Int64) {
        started = now
        isHead = false
        minorVersion = 1
        keepsAlive = false
        awaitsContinue = false
        framing = .none
        isDiscarding = true
    }
}
