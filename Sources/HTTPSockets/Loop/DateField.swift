#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The `Date` header, formatted once a second.
struct DateField {
    private var next = Int64.min
    private var line: [UInt8] = []

    /// The line for a moment of the monotonic clock, in nanoseconds.
    mutating func line(at now: Int64) -> [UInt8] {
        if now >= next {
            next = now - now % 1_000_000_000 + 1_000_000_000
            line = Array("Date: \(HTTPDate.format(time(nil)))\r\n".utf8)
        }
        return line
    }
}
