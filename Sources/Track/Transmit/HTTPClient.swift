import CCurl
import Foundation
import Synchronization
import TrackModel

/// What came of a request.
enum HTTPAnswer: Sendable, Equatable {
    case answered(status: Int, body: [UInt8], retryAfter: Duration?)
    case failed(TransportFailure)
}

/// Why no answer came.
enum TransportFailure: Error, Sendable, Equatable, CustomStringConvertible {
    case unreachable(String)
    case timedOut(String)
    case notTrusted(String)
    case insecure(String)
    /// Given up on purpose: the caller's deadline has passed.
    case interrupted
    case other(String)

    var description: String {
        switch self {
        case .unreachable(let reason): "The server cannot be reached (\(reason))."
        case .timedOut(let reason): "The server did not answer in time (\(reason))."
        case .notTrusted(let reason): "The server's certificate is not trusted (\(reason)). Check the address, or set CURL_CA_BUNDLE to its authority's certificate."
        case .insecure(let reason): "No secure connection comes about (\(reason)). Check whether the address should begin with https://."
        case .interrupted: "The request was given up at its deadline."
        case .other(let reason): "The request failed (\(reason))."
        }
    }
}

/// One kept-alive connection to one server, through libcurl. Confined to one thread.
final class HTTPClient {
    /// `nil`: libcurl could not be loaded.
    private var curl: UnsafeMutableRawPointer?
    private let base: String
    /// Whether the address can be a server's: libcurl reads files, too.
    private let isServer: Bool
    private let key: String?
    private var received = Received()
    private let interruption: Interruption

    /// Lets another thread cut a request short.
    final class Interruption: Sendable {
        /// Nanoseconds of the monotonic clock after which requests are given up.
        let deadline_ns = Atomic<Int64>(.max)
    }

    private struct Received {
        var body: [UInt8] = []
        var retryAfter: Duration?
        var isTooLong = false
    }

    init(url: String, key: String?, interruption: Interruption) {
        curl = track_curl_easy_init()
        base = url.hasSuffix("/") ? String(url.dropLast()) : url
        isServer = ServerAddress.isPossible(base)
        (self.key, self.interruption) = (key, interruption)
    }

    deinit { track_curl_easy_cleanup(curl) }

    /// Goes on with a new connection: the old one gave an answer that was not asked for.
    func renew() {
        track_curl_easy_cleanup(curl)
        curl = track_curl_easy_init()
    }

    /// Sends one request and waits for its answer, `timeout` at most.
    func send(
        _ method: String, _ path: String, body: [UInt8]? = nil, contentType: String = "application/json", timeout: Duration = .seconds(60)
    ) -> HTTPAnswer {
        guard isServer else { return .failed(.other("\"\(base)\" is no address of a server")) }
        guard curl != nil else { return .failed(.other(String(cString: track_curl_failure()))) }
        track_curl_easy_reset(curl)
        received = Received()
        track_curl_set_text(curl, CURLOPT_URL, base + path)
        track_curl_set_text(curl, CURLOPT_CUSTOMREQUEST, method)
        track_curl_set_long(curl, CURLOPT_NOSIGNAL, 1)
        track_curl_set_long(curl, CURLOPT_TCP_KEEPALIVE, 1)
        track_curl_set_long(curl, CURLOPT_CONNECTTIMEOUT_MS, min(5_000, timeout.milliseconds))
        track_curl_set_long(curl, CURLOPT_TIMEOUT_MS, timeout.milliseconds)
        track_curl_set_text(curl, CURLOPT_USERAGENT, "track-swift/1")
        setBody(body, method)
        setCallbacks()
        let list = makeHeaders(contentType: contentType, hasBody: body != nil)
        defer { track_curl_slist_free_all(list) }
        track_curl_set_pointer(curl, CURLOPT_HTTPHEADER, list)
        let code = withExtendedLifetime(body) { perform(body) }
        return answer(code)
    }

    private func perform(_ body: [UInt8]?) -> CURLcode {
        guard let body, !body.isEmpty else { return transfer() }
        return body.withUnsafeBytes { raw in
            track_curl_set_pointer(curl, CURLOPT_POSTFIELDS, raw.baseAddress)
            return transfer()
        }
    }

    private func transfer() -> CURLcode { ForkGate.outside { track_curl_easy_perform(curl) } }

    private func setBody(_ body: [UInt8]?, _ method: String) {
        if method == "GET" { track_curl_set_long(curl, CURLOPT_HTTPGET, 1); return }
        track_curl_set_long(curl, CURLOPT_POST, 1)
        track_curl_set_text(curl, CURLOPT_CUSTOMREQUEST, method)
        track_curl_set_offset(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body?.count ?? 0))
        if body?.isEmpty ?? true { track_curl_set_text(curl, CURLOPT_POSTFIELDS, "") }
    }

    private func setCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        track_curl_set_pointer(curl, CURLOPT_WRITEDATA, context)
        track_curl_set_write(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            ForkGate.inside { Unmanaged<HTTPClient>.fromOpaque(context!).takeUnretainedValue().receive(bytes, size * count) }
        }
        track_curl_set_pointer(curl, CURLOPT_HEADERDATA, context)
        track_curl_set_write(curl, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            ForkGate.inside { Unmanaged<HTTPClient>.fromOpaque(context!).takeUnretainedValue().receiveHeader(bytes, size * count) }
        }
        track_curl_set_long(curl, CURLOPT_NOPROGRESS, 0)
        track_curl_set_pointer(curl, CURLOPT_XFERINFODATA, context)
        track_curl_set_progress(curl) { context, _, _, _, _ in
            let client = Unmanaged<HTTPClient>.fromOpaque(context!).takeUnretainedValue()
            return monotonic_ns() > client.interruption.deadline_ns.load(ordering: .relaxed) ? 1 : 0
        }
    }

    private func receive(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard let bytes, received.body.count + count <= 8 << 20 else { received.isTooLong = true; return 0 }
        received.body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
        return count
    }

    private func receiveHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard let bytes else { return count }
        let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
        if line.lowercased().hasPrefix("retry-after:") {
            received.retryAfter = Self.retryAfter(line.dropFirst(12).trimmingCharacters(in: .whitespacesAndNewlines))
        }
        return count
    }

    /// Seconds, or a date; an hour at most.
    static func retryAfter(_ text: String) -> Duration? {
        if let seconds = Int(text) { return .seconds(max(0, min(seconds, 3_600))) }
        let date = track_curl_getdate(text)
        return date < 0 ? nil : .seconds(max(0, min(Int(date) - Int(wallClock_us() / 1_000_000), 3_600)))
    }

    private func makeHeaders(contentType: String, hasBody: Bool) -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        if hasBody { list = track_curl_slist_append(list, "Content-Type: " + contentType) }
        list = track_curl_slist_append(list, "Expect:")        // else libcurl waits a second before bodies of a megabyte
        list = track_curl_slist_append(list, "Accept: application/json")
        if let key { list = track_curl_slist_append(list, "Authorization: Bearer " + key) }
        return list
    }

    private func answer(_ code: CURLcode) -> HTTPAnswer {
        if code == CURLE_OK {
            return .answered(status: track_curl_status(curl), body: received.body, retryAfter: received.retryAfter)
        }
        let reason = String(cString: track_curl_easy_strerror(code))
        switch code {
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return .failed(.unreachable(reason))
        case CURLE_OPERATION_TIMEDOUT: return .failed(.timedOut(reason))
        case CURLE_ABORTED_BY_CALLBACK: return .failed(.interrupted)
        case CURLE_SSL_CONNECT_ERROR: return .failed(.insecure(reason))
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE: return .failed(.notTrusted(reason))
        default: return .failed(.other(reason))
        }
    }
}

extension Duration {
    var milliseconds: Int { Int(clamping: nanoseconds / 1_000_000) }
}
