#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The `Date` header, formatted once a second.
struct DateField {
    private var second: Int64 = -1
    private var line: [UInt8] = []

    mutating func bytes(monotonic now: Int64) -> [UInt8] {
        if now / 1_000_000_000 != second || line.isEmpty {
            second = now / 1_000_000_000
            line = Array("Date: \(HTTPDate.format(time(nil)))\r\n".utf8)
        }
        return line
    }
}
