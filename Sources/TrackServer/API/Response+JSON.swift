import HTTPSockets
import TrackModel

extension Response {
    /// A JSON answer with an entity tag, so that asking again for what has not changed costs no transfer.
    static func json(_ value: some Encodable, status: Int = 200, for request: Request) throws -> Response {
        let bytes = try JSONCoding.encode(value)
        if request.method == .get || request.method == .head {
            return .entity(bytes, type: JSONCoding.contentType, status: status, for: request)
        }
        // What changes something is always answered in full.
        var headers = entityHeaders
        headers["Content-Type"] = JSONCoding.contentType
        return Response(status: Status(status), headers: headers, body: .bytes(bytes))
    }

    /// Bytes of one media type; a `GET` whose `If-None-Match` names them is answered 304.
    /// - Parameter tag: Its entity tag; made from the bytes if `nil`.
    static func entity(_ bytes: [UInt8], type: String, status: Int = 200, tag: String? = nil, for request: Request) -> Response {
        var headers = entityHeaders
        headers["Content-Type"] = type
        if status == 200, request.method == .get || request.method == .head || request.method == .post {
            let tag = tag ?? EntityTag.of(bytes)
            headers["ETag"] = tag
            if EntityTag.matches(tag, request.headers["If-None-Match"]) { return .unchanged(tag) }
        }
        return Response(status: Status(status), headers: headers, body: .bytes(bytes))
    }

    private static var entityHeaders: Headers { ["Cache-Control": "private, no-cache", "Vary": "Accept"] }

    /// 304: what the caller has is what would be answered.
    static func unchanged(_ tag: String) -> Response {
        var headers = entityHeaders
        headers["ETag"] = tag
        return Response(status: .notModified, headers: headers, body: .empty)
    }

    /// The answer to whatever a handler threw.
    static func refusal(_ error: any Error, request: Request) -> Response {
        let refusal = APIError(error)
        if let cause = refusal.cause { ServerLog.error("request \(request.id): \(refusal.code.rawValue): \(cause)") }
        return refusal.response(requestID: request.id)
    }
}

extension APIError {
    func response(requestID: String?) -> Response {
        var headers: Headers = ["Content-Type": JSONCoding.contentType, "Cache-Control": "no-store"]
        if let allow { headers["Allow"] = allow }
        if let retryAfter { headers["Retry-After"] = "\(retryAfter)" }
        if code == .unauthorized { headers["WWW-Authenticate"] = "Bearer realm=\"track\"" }
        let bytes = (try? JSONCoding.encode(body(requestID: requestID))) ?? Array(#"{"error":{"code":"internal_error","message":"The error could not be written."}}"#.utf8)
        return Response(status: Status(status), headers: headers, body: .bytes(bytes))
    }
}

/// Entity tags from the bytes themselves: equal bytes, equal tag, whoever made them and when.
enum EntityTag {
    /// 64 bits mixed eight bytes at a time: a megabyte takes some 0.2 ms. Not meant against forgers, who could only fool themselves.
    static func of(_ bytes: [UInt8]) -> String {
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
        func mix(_ word: UInt64) {
            let (high, low) = (hash ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
            hash = (high ^ low) &+ 0x2545_F491_4F6C_DD1D
        }
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset + 8 <= buffer.count { mix(buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)); offset += 8 }
            var rest: UInt64 = 0
            for byte in buffer[offset...] { rest = rest << 8 | UInt64(byte) }
            mix(rest)
        }
        return "W/\"" + String(hash, radix: 36) + "\""
    }

    /// Weak comparison, as `If-None-Match` asks for.
    static func matches(_ tag: String, _ field: String?) -> Bool {
        guard let field else { return false }
        let plain = tag.hasPrefix("W/") ? String(tag.dropFirst(2)) : tag
        return field.split(separator: ",").contains { part in
            let candidate = part.drop { $0 == " " }.prefix { $0 != " " }
            return candidate == "*" || candidate == plain[...] || candidate == "W/" + plain
        }
    }
}
