import CKernels

/// An object that is made for each operation or each step: used-up ones wait to be used again, so that a steady step asks the
/// system's allocator for little.
protocol Reusable: AnyObject {
    static var kind: Int { get }
}

extension Reusable {
    /// One that waits; `nil` if none does.
    static func spare() -> Self? {
        ck_spare_take(Int32(kind)).map { Unmanaged<Self>.fromOpaque($0).takeRetainedValue() }
    }

    /// Keeps this object for later if there is room. Whoever calls this has the only reference, and does not use it again.
    func wait() {
        let reference = Unmanaged.passRetained(self)
        if !ck_spare_put(Int32(Self.kind), reference.toOpaque()) { reference.release() }
    }
}
