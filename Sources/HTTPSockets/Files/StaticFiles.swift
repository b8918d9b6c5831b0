#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import Synchronization

/// Serves the files of one folder, and nothing outside it.
///
/// Refused, as if they were not there: `..`, hidden names (`.git`), NUL, backslashes, encoded slashes, symbolic links that
/// lead out of the folder, and everything that is no regular file. Text is sent as gzip to clients that accept it, from a
/// bounded cache.
public final class StaticFiles: Sendable {
    private static let cachedBytes = 32 << 20
    private static let largestCachedFile = 4 << 20

    private let root: String
    private let index: String?
    private let cacheControl: @Sendable (String) -> String?
    private let cache = Mutex<(entries: [String: [UInt8]], bytes: Int)>(([:], 0))

    /// - Parameter root: An existing folder.
    /// - Parameter index: What a folder's path is answered with; `nil` for 404.
    /// - Parameter cacheControl: The `Cache-Control` for a path inside the folder; by default clients ask each time, and
    ///   the ETag saves the bytes.
    public init(
        root: String, index: String? = "index.html", cacheControl: @escaping @Sendable (String) -> String? = { _ in "no-cache" }
    ) throws {
        guard let resolved = Self.resolve(root) else { throw SocketError("realpath \(root)") }
        self.root = resolved
        self.index = index
        self.cacheControl = cacheControl
    }

    /// A handler for a route that ends with a rest, such as `/static/{path...}`.
    public func handler(parameter: String = "path") -> Handler {
        { [self] request in try respond(to: request, path: request.parameters[parameter] ?? "") }
    }

    /// Answers one request.
    /// - Parameter path: Relative to the folder, decoded.
    /// - Throws: ``HTTPError/notFound(path:)``.
    public func respond(to request: Request, path: String) throws -> Response {
        // Decoded, “%2F” looks like a slash between folders; what is in front of us may have taken it for part of a name.
        let hidesSlash = request.withRawPath { raw in
            raw.indices.dropLast(2).contains { raw[$0] == Byte.percent && raw[$0 + 1] == UInt8(ascii: "2") && Byte.lowercased(raw[$0 + 2]) == UInt8(ascii: "f") }
        }
        guard !hidesSlash, let file = locate(path) else { throw HTTPError.notFound(path: request.path) }
        var headers: Headers = ["X-Content-Type-Options": "nosniff"]
        if let control = cacheControl(path) { headers["Cache-Control"] = control }
        let type = ContentTypes.type(of: file)
        if ResponseCompression.isCompressible(type) {
            headers["Vary"] = "Accept-Encoding"
            if let compressed = compressed(file, type, headers, request) { return compressed }
        }
        return .file(file, contentType: type, headers: headers)
    }

    /// The real path of what is asked for, if it may be served.
    func locate(_ path: String) -> String? {
        var segments = path.split(separator: "/", omittingEmptySubsequences: false)
        if segments.last == "" {
            guard let index else { return nil }
            segments[segments.count - 1] = Substring(index)
        }
        let isSafe = segments.allSatisfy { segment in
            !segment.isEmpty && !segment.hasPrefix(".") && !segment.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "\\") }
        }
        guard isSafe, let real = Self.resolve(root + "/" + segments.joined(separator: "/")), real.hasPrefix(root + "/") else { return nil }
        return real
    }

    private static func resolve(_ path: String) -> String? {
        guard let pointer = realpath(path, nil) else { return nil }
        defer { free(pointer) }
        return String(cString: pointer)
    }

    private func compressed(_ file: String, _ type: String, _ headers: Headers, _ request: Request) -> Response? {
        guard request.headers["range"] == nil, ResponseCompression.accepts(request.headers["accept-encoding"]) else { return nil }
        var status = stat()
        guard stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
              status.st_size >= ResponseCompression.minimumBytes, status.st_size <= Self.largestCachedFile else { return nil }
        let facts = FileFacts(status)
        guard let bytes = cachedGzip(file, key: file + facts.tag) else { return nil }
        var headers = headers
        headers["Content-Type"] = type
        headers["Content-Encoding"] = "gzip"
        headers["ETag"] = "W/" + facts.tag
        headers["Last-Modified"] = HTTPDate.format(facts.modified)
        return Response(headers: headers, body: .bytes(bytes))
    }

    private func cachedGzip(_ file: String, key: String) -> [UInt8]? {
        if let known = cache.withLock({ $0.entries[key] }) { return known }
        guard let plain = Self.contents(file), let compressed = Gzip.compress(plain, level: 9),
              compressed.count < plain.count else { return nil }
        cache.withLock { cache in
            if cache.bytes + compressed.count > Self.cachedBytes { cache = ([:], 0) }
            cache.entries[key] = compressed
            cache.bytes += compressed.count
        }
        return compressed
    }

    static func contents(_ file: String) -> [UInt8]? {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { systemClose(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        let size = Int(status.st_size)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let read = read(descriptor, buffer.baseAddress! + count, size - count)
                guard read > 0 else { break }
                count += read
            }
        }
        return bytes.count == size ? bytes : nil
    }
}
