/// How a body is compressed.
enum ContentCoding: Sendable, Equatable {
    case identity, gzip, deflate
    case unknown(String)

    /// - Parameter header: The value of `Content-Encoding`.
    init(_ header: String) {
        switch header.lowercased() {
        case "", "identity": self = .identity
        case "gzip", "x-gzip": self = .gzip
        case "deflate": self = .deflate
        default: self = .unknown(header)
        }
    }
}

/// When an inflating body is taken for a bomb.
struct InflationPolicy: Sendable {
    /// Bytes that may come out.
    var limit: Int
    /// Bytes that may come out for each byte that went in, once ``freeBytes`` have come out.
    var ratio = 250
    /// Small bodies of one repeated value compress a thousandfold and harm nobody.
    var freeBytes = 4 << 20

    func check(input: Int, output: Int) throws(HTTPError) {
        guard output <= limit else { throw .bodyTooLarge(limit: limit) }
        guard output <= freeBytes || output / max(1, input) <= ratio else {
            throw .bodyGrowsTooMuch(ratio: ratio)
        }
    }
}
