/// A request's body, decompressed: a sequence of chunks that can be read once.
///
/// Small bodies are there before the handler starts; larger ones arrive while they are read, and reading slowly slows the
/// client down.
public struct RequestBody: AsyncSequence, Sendable {
    public typealias Element = [UInt8]

    enum Storage: Sendable {
        case bytes([UInt8])
        case source(BodySource)
    }
    let storage: Storage
    let coding: ContentCoding
    let policy: InflationPolicy

    init(_ storage: Storage, coding: ContentCoding, policy: InflationPolicy) {
        self.storage = storage
        self.coding = coding
        self.policy = policy
    }

    /// A body that is already there.
    public init(bytes: [UInt8]) { self.init(.bytes(bytes), coding: .identity, policy: .init(limit: .max)) }

    init(bytes: [UInt8], coding: ContentCoding, policy: InflationPolicy) {
        self.init(.bytes(bytes), coding: coding, policy: policy)
    }

    /// Whether the request has no body at all.
    public var isEmpty: Bool { if case .bytes(let bytes) = storage { bytes.isEmpty } else { false } }

    /// Bytes as declared by the client, before decompression; `nil` for a chunked body.
    public var declaredLength: Int? {
        switch storage {
        case .bytes(let bytes): bytes.count
        case .source(let source): source.declaredLength
        }
    }

    /// Reads the whole body; returns without suspending if it is already there.
    /// - Parameter limit: In bytes; `nil` takes the route's limit.
    /// - Throws: ``HTTPError/bodyTooLarge(limit:)``, ``HTTPError/incompleteBody``, ``HTTPError/bodyTooSlow(minimumRate:)``,
    ///   ``HTTPError/invalidCompressedBody(_:)``.
    public func collect(upTo limit: Int? = nil) async throws -> [UInt8] {
        let limit = Swift.min(limit ?? .max, policy.limit)
        if case .bytes(let bytes) = storage, case .identity = coding {
            guard bytes.count <= limit else { throw HTTPError.bodyTooLarge(limit: limit) }
            return bytes
        }
        if case .source(let source) = storage, case .identity = coding, let length = source.declaredLength {
            guard length <= limit else { throw HTTPError.bodyTooLarge(limit: limit) }
            return try await source.collectAll(length)
        }
        var collected: [UInt8] = []
        for try await chunk in self {
            guard collected.count + chunk.count <= limit else { throw HTTPError.bodyTooLarge(limit: limit) }
            if collected.isEmpty { collected = chunk } else { collected += chunk }
        }
        return collected
    }

    public func makeAsyncIterator() -> Iterator { Iterator(self) }

    /// Hands out the chunks; not to be used from two tasks at once.
    public struct Iterator: AsyncIteratorProtocol {
        private let storage: Storage
        private var inflater: BodyInflater?
        private var isDone = false

        init(_ body: RequestBody) {
            storage = body.storage
            if case .identity = body.coding { inflater = nil } else { inflater = BodyInflater(body.coding, body.policy) }
        }

        public mutating func next() async throws -> [UInt8]? {
            guard let inflater else { return try await nextRaw() }
            while true {
                if let chunk = try inflater.next() { return chunk }
                guard let raw = try await nextRaw() else {
                    try inflater.finish()
                    return nil
                }
                try inflater.take(raw)
            }
        }

        private mutating func nextRaw() async throws -> [UInt8]? {
            switch storage {
            case .source(let source): return try await source.next()
            case .bytes(let bytes):
                guard !isDone, !bytes.isEmpty else { return nil }
                isDone = true
                return bytes
            }
        }
    }
}
