import Synchronization

/// Made when first asked for, then kept: a start should not pay for what may never be read.
final class Lazy<Value: Sendable>: Sendable {
    private let make: @Sendable () throws -> Value
    private let kept = Mutex<Value?>(nil)        // guards the value

    init(_ make: @escaping @Sendable () throws -> Value) { self.make = make }

    func value() throws -> Value {
        try kept.withLock { kept in
            if let value = kept { return value }
            let value = try make()
            kept = value
            return value
        }
    }
}
