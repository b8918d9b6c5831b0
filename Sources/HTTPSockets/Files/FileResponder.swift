#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Plans the answer for a file: its headers, and which of its bytes are sent.
enum FileResponder {
    struct Plan {
        var response: Response
        var file: OpenFile?
        var range: Range<Int> = 0..<0
        var sendsLength = true
    }

    static func plan(_ path: String, _ contentType: String?, _ response: Response, _ request: Request?) -> Result<Plan, HTTPError> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return .failure(.notFound(path: request?.path ?? "")) }
        let file = OpenFile(descriptor)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return .failure(.notFound(path: request?.path ?? ""))
        }
        var plan = Plan(response: response, file: file, range: 0..<Int(status.st_size))
        let facts = FileFacts(status)
        describe(&plan.response, facts, contentType ?? ContentTypes.type(of: path))
        if let request, response.status == .ok, request.method == .get || request.isHead { judge(&plan, facts, request) }
        return .success(plan)
    }

    private static func describe(_ response: inout Response, _ facts: FileFacts, _ contentType: String) {
        if response.headers["content-type"] == nil { response.headers.add("Content-Type", contentType) }
        if response.headers["etag"] == nil { response.headers.add("ETag", facts.tag) }
        response.headers["Last-Modified"] = HTTPDate.format(facts.modified)
        response.headers["Accept-Ranges"] = "bytes"
    }

    private static func judge(_ plan: inout Plan, _ facts: FileFacts, _ request: Request) {
        let tag = plan.response.headers["etag"] ?? facts.tag
        switch Conditions.evaluate(tag: tag, modified: facts.modified, request) {
        case .proceed: break
        case .notModified:
            plan.response.status = .notModified
            plan.response.headers["Content-Type"] = nil
            (plan.file, plan.sendsLength) = (nil, false)
            return
        case .failed:
            plan.response.status = .preconditionFailed
            (plan.file, plan.range) = (nil, 0..<0)
            return
        }
        // Ranges are defined for GET alone (RFC 9110 §14.2).
        guard request.method == .get, rangeIsFresh(request.headers["if-range"], tag, facts) else { return }
        switch ByteRange(request.headers["range"], size: facts.size) {
        case .whole: break
        case .part(let range):
            plan.response.status = .partialContent
            plan.response.headers["Content-Range"] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(facts.size)"
            plan.range = range
        case .unsatisfiable:
            plan.response.status = .rangeNotSatisfiable
            plan.response.headers["Content-Range"] = "bytes */\(facts.size)"
            plan.response.headers["Content-Type"] = nil
            (plan.file, plan.range) = (nil, 0..<0)
        }
    }

    /// `If-Range`: the range is for the version that the client has; another one is sent whole.
    private static func rangeIsFresh(_ condition: String?, _ tag: String, _ facts: FileFacts) -> Bool {
        guard let condition else { return true }
        if condition.hasSuffix("\"") { return condition == tag && !tag.hasPrefix("W/") }
        return HTTPDate.parse(condition) == facts.modified
    }
}

/// What a file's ETag is made of.
struct FileFacts {
    let size: Int
    /// Seconds since 1970.
    let modified: Int
    /// Size, time to the nanosecond and inode: another file, or another version, has another tag.
    let tag: String

    init(_ status: stat) {
        size = Int(status.st_size)
        #if os(Linux)
        let time = status.st_mtim
        #else
        let time = status.st_mtimespec
        #endif
        modified = Int(time.tv_sec)
        let parts = [Int(status.st_ino), size, modified, Int(time.tv_nsec)].map { String($0, radix: 36) }
        tag = "\"\(parts.joined(separator: "-"))\""
    }
}
