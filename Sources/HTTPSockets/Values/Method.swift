/// An HTTP request method; any token is allowed, the usual ones have names.
public struct Method: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String

    /// - Parameter rawValue: The token as it stands on the wire; methods are case-sensitive.
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let get = Method(rawValue: "GET")
    public static let head = Method(rawValue: "HEAD")
    public static let post = Method(rawValue: "POST")
    public static let put = Method(rawValue: "PUT")
    public static let patch = Method(rawValue: "PATCH")
    public static let delete = Method(rawValue: "DELETE")
    public static let options = Method(rawValue: "OPTIONS")
    public static let connect = Method(rawValue: "CONNECT")
    public static let trace = Method(rawValue: "TRACE")

    /// The methods of RFC 9110 and RFC 5789: others are answered 501 unless a route names them.
    public static let standard: [Method] = [.get, .head, .post, .put, .patch, .delete, .options, .connect, .trace]

    public var description: String { rawValue }
}

extension Method {
    /// The method that these bytes spell; no allocation for the standard ones.
    init(bytes: UnsafeBufferPointer<UInt8>) {
        switch bytes.count {
        case 3 where bytes.spells("GET"): self = .get
        case 3 where bytes.spells("PUT"): self = .put
        case 4 where bytes.spells("POST"): self = .post
        case 4 where bytes.spells("HEAD"): self = .head
        default: self = Method(rawValue: String(decoding: bytes, as: UTF8.self))
        }
    }
}
