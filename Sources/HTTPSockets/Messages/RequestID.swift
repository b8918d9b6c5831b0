import Synchronization

/// Ids of requests: unique within a process, hard to confuse between processes, short enough to need no memory (15 bytes).
enum RequestID {
    private static let counter = Atomic<UInt64>(UInt64.random(in: 0..<1 << 40) << 20)
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    static func next() -> UInt64 { counter.wrappingAdd(1, ordering: .relaxed).newValue }

    static func text(_ number: UInt64) -> String {
        String(unsafeUninitializedCapacity: 12) { buffer in
            for place in 0..<12 { buffer[place] = digits[Int(number >> (5 * UInt64(11 - place))) & 31] }
            return 12
        }
    }

    /// Whether a client's own id may be taken over: nothing that could break a log line or a header.
    static func isAcceptable(_ id: String) -> Bool {
        (1...64).contains(id.utf8.count) && id.utf8.allSatisfy { Byte.isAlphanumeric($0) || "-._".utf8.contains($0) }
    }
}
