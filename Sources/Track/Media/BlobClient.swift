import CCurl
import Foundation
import Synchronization

/// Sends files to one server, streamed from the disk, over a connection of its own: rows do not wait behind them. Confined to one thread.
final class BlobClient {
    /// `nil`: libcurl could not be loaded.
    private let curl: UnsafeMutableRawPointer?
    private let base: String
    private let key: String?
    private let interruption: HTTPClient.Interruption
    private var body: [UInt8] = []
    private var retryAfter: Duration?

    init(url: String, key: String?, interruption: HTTPClient.Interruption) {
        curl = track_curl_easy_init()
        base = url.hasSuffix("/") ? String(url.dropLast()) : url
        (self.key, self.interruption) = (key, interruption)
    }

    deinit { track_curl_easy_cleanup(curl) }

    /// `PUT /api/v1/blobs/DIGEST`. However long it takes, as long as bytes move.
    /// - Returns: `nil` if the file is gone: another process has delivered it.
    func send(_ file: MediaSpool.File) -> HTTPAnswer? {
        guard curl != nil else { return .failed(.other(String(cString: track_curl_failure()))) }
        guard let stream = fopen(file.path, "re") else { return errno == ENOENT ? nil : .failed(.other(systemError())) }
        defer { fclose(stream) }
        var status = stat()
        guard fstat(fileno(stream), &status) == 0 else { return .failed(.other(systemError())) }
        track_curl_easy_reset(curl)
        (body, retryAfter) = ([], nil)
        track_curl_set_text(curl, CURLOPT_URL, base + "/api/v1/blobs/" + file.digest)
        track_curl_set_long(curl, CURLOPT_UPLOAD, 1)
        track_curl_set_offset(curl, CURLOPT_INFILESIZE_LARGE, curl_off_t(status.st_size))
        track_curl_set_pointer(curl, CURLOPT_READDATA, stream)       // libcurl reads it with fread
        setTimes()
        setCallbacks()
        let list = makeHeaders()
        defer { track_curl_slist_free_all(list) }
        track_curl_set_pointer(curl, CURLOPT_HTTPHEADER, list)
        return answer(track_curl_easy_perform(curl))
    }

    private func setTimes() {
        track_curl_set_long(curl, CURLOPT_NOSIGNAL, 1)
        track_curl_set_long(curl, CURLOPT_CONNECTTIMEOUT_MS, 5_000)
        track_curl_set_long(curl, CURLOPT_LOW_SPEED_LIMIT, 1)
        track_curl_set_long(curl, CURLOPT_LOW_SPEED_TIME, 60)
    }

    private func setCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        track_curl_set_pointer(curl, CURLOPT_WRITEDATA, context)
        track_curl_set_write(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            let client = Unmanaged<BlobClient>.fromOpaque(context!).takeUnretainedValue()
            guard let bytes, client.body.count + size * count <= 1 << 20 else { return 0 }
            client.body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: size * count))
            return size * count
        }
        track_curl_set_pointer(curl, CURLOPT_HEADERDATA, context)
        track_curl_set_write(curl, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            Unmanaged<BlobClient>.fromOpaque(context!).takeUnretainedValue().take(header: UnsafeRawBufferPointer(start: bytes, count: size * count))
            return size * count
        }
        track_curl_set_long(curl, CURLOPT_NOPROGRESS, 0)
        track_curl_set_pointer(curl, CURLOPT_XFERINFODATA, context)
        track_curl_set_progress(curl) { context, _, _, _, _ in
            let client = Unmanaged<BlobClient>.fromOpaque(context!).takeUnretainedValue()
            return monotonic_ns() > client.interruption.deadline_ns.load(ordering: .relaxed) ? 1 : 0
        }
    }

    private func take(header: UnsafeRawBufferPointer) {
        let line = String(decoding: header, as: UTF8.self)
        guard line.lowercased().hasPrefix("retry-after:"), let seconds = Int(line.dropFirst(12).trimmingCharacters(in: .whitespacesAndNewlines)) else { return }
        retryAfter = .seconds(max(0, min(seconds, 3_600)))
    }

    private func makeHeaders() -> UnsafeMutablePointer<curl_slist>? {
        var list = track_curl_slist_append(nil, "Content-Type: application/octet-stream")
        list = track_curl_slist_append(list, "Expect:")        // else libcurl waits a second for servers that do not know 100-continue
        list = track_curl_slist_append(list, "Accept: application/json")
        list = track_curl_slist_append(list, "User-Agent: track-swift/1")
        if let key { list = track_curl_slist_append(list, "Authorization: Bearer " + key) }
        return list
    }

    private func answer(_ code: CURLcode) -> HTTPAnswer {
        let status = track_curl_status(curl)
        // A server that refuses answers before it has read everything, and may close: its answer counts.
        if code == CURLE_OK || status >= 400 { return .answered(status: status, body: body, retryAfter: retryAfter) }
        let reason = String(cString: track_curl_easy_strerror(code))
        return switch code {
        case CURLE_ABORTED_BY_CALLBACK: .failed(.interrupted)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE: .failed(.notTrusted(reason))
        default: .failed(.other(reason))
        }
    }
}
