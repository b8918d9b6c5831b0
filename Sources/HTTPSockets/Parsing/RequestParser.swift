/// Turns the bytes of a connection into requests: a pure state machine, without I/O and without a clock.
///
/// Feed it bytes in pieces of any size; the events are the same however they were cut (data ranges join up).
struct RequestParser {
    enum Event {
        /// Everything given was used; more is needed.
        case needsMore
        case head(RequestHead)
        /// A part of the body, as offsets of the input.
        case body(Range<Int>)
        /// The request is complete; the next byte begins another one.
        case end
    }

    private enum State { case head, fixed(remaining: Int), chunked(ChunkedParser), end }

    private let limits: Limits
    private var state = State.head
    private var headParser: HeadParser
    /// A head that did not arrive in one piece; empty, and without memory, otherwise.
    private var partial: [UInt8] = []
    /// The last head, if it is short and came in one piece: programs send the same again and again, and it is read only once.
    private var last: RequestHead?
    private static let longestRemembered = 1_024

    init(limits: Limits) {
        self.limits = limits
        headParser = HeadParser(limits: limits)
    }

    /// Whether some, but not all, bytes of a head have arrived.
    var isInsideHead: Bool { !partial.isEmpty }

    /// Whether the parser stands between two requests.
    var isIdle: Bool { if case .head = state { partial.isEmpty } else { false } }

    /// Continues at `offset` of `input` and moves it behind what was used; call it until it needs more.
    ///
    /// After an error the position is lost: answer, and close the connection.
    mutating func next(_ input: UnsafeBufferPointer<UInt8>, _ offset: inout Int) throws(HTTPError) -> Event {
        switch state {
        case .head: return try nextInHead(input, &offset)
        case .fixed(let remaining):
            let count = min(remaining, input.count - offset)
            guard count > 0 else { return .needsMore }
            let range = offset..<offset + count
            offset += count
            state = remaining == count ? .end : .fixed(remaining: remaining - count)
            return .body(range)
        case .chunked(var parser):
            let step = try parser.next(input, &offset)
            state = .chunked(parser)
            switch step {
            case .needsMore: return .needsMore
            case .data(let range): return .body(range)
            case .end:
                state = .head
                return .end
            }
        case .end:
            state = .head
            return .end
        }
    }

    /// Tells a body of known length that `count` of its bytes went past the parser, straight into their place.
    mutating func skipBody(_ count: Int) {
        guard case .fixed(let remaining) = state, count <= remaining else { preconditionFailure("skipBody: no fixed body") }
        state = remaining == count ? .end : .fixed(remaining: remaining - count)
    }

    private mutating func nextInHead(
        _ input: UnsafeBufferPointer<UInt8>, _ offset: inout Int
    ) throws(HTTPError) -> Event {
        guard offset < input.count else { return .needsMore }
        let rest = input.part(offset..<input.count)
        if partial.isEmpty {
            if let last, last.isStart(of: rest) {
                offset += last.byteCount
                return .head(expectBody(of: last))
            }
            guard case .complete(let end) = try headParser.advance(over: rest) else {
                partial = Array(rest)
                offset = input.count
                return .needsMore
            }
            offset += end
            let head = finishHead(rest.part(0..<end))
            last = end <= Self.longestRemembered ? head : nil
            return .head(head)
        }
        let before = partial.count
        partial += rest.prefix(limits.headBytes + 1 - before)
        let parsed = Result { () throws(HTTPError) in
            try partial.withUnsafeBufferPointer { bytes throws(HTTPError) in try headParser.advance(over: bytes) }
        }
        guard case .complete(let end) = try parsed.get() else {
            offset = input.count
            return .needsMore
        }
        offset += end - before
        let head = partial.withUnsafeBufferPointer { finishHead($0.part(0..<end)) }
        partial = []
        return .head(head)
    }

    private mutating func finishHead(_ bytes: UnsafeBufferPointer<UInt8>) -> RequestHead {
        let head = RequestHead(bytes: bytes, fields: headParser.fields, facts: headParser.facts)
        headParser.reset()
        return expectBody(of: head)
    }

    /// Whether the same bytes will give the same object again.
    func remembers(_ head: RequestHead) -> Bool { last === head }

    private mutating func expectBody(of head: RequestHead) -> RequestHead {
        switch head.facts.framing {
        case .none: state = .end
        case .length(let count): state = .fixed(remaining: count)
        case .chunked: state = .chunked(ChunkedParser(overheadLimit: limits.chunkOverheadBytes))
        }
        return head
    }
}
