import Foundation
public import TrackModel

/// Asks the server things that programs and the command line want to know. Blocks no task: each request has a thread.
public struct TrackService: Sendable {
    let settings: Settings

    public init(_ settings: Settings) { self.settings = settings }

    /// `GET /api/v1/info`
    public func info() async throws -> JSONValue { try await get("/api/v1/info") }

    /// Whether the server is one of ours and takes the key.
    public func check() async throws -> [ProjectRecord] { try await projects() }

    public func projects() async throws -> [ProjectRecord] {
        struct Answer: Decodable { var projects: [ProjectRecord] }
        return try await get("/api/v1/projects", as: Answer.self).projects
    }

    /// - Parameter filter: In the server's filter language: `summary.loss.min < 0.3`.
    public func runs(project: String, filter: String? = nil, limit: Int = 20) async throws -> [RunRecord] {
        struct Answer: Decodable { var runs: [RunRecord] }
        var path = "/api/v1/projects/\(encoded(project))/runs?limit=\(limit)"
        if let filter { path += "&filter=" + encoded(filter) }
        return try await get(path, as: Answer.self).runs
    }

    public func run(_ id: RunID) async throws -> RunRecord { try await get("/api/v1/runs/\(id)") }

    /// The processes that wrote the run, with their receipts.
    public func writers(_ run: RunID) async throws -> [WriterRecord] { try await get("/api/v1/runs/\(run)/writers", as: WriterList.self).writers }

    private func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~"))) ?? text
    }

    private func get<Answer: Decodable>(_ path: String, as type: Answer.Type = Answer.self) async throws -> Answer {
        let settings = settings
        let answer = await onThread("track-request") {
            HTTPClient(url: settings.url, key: settings.apiKey, interruption: HTTPClient.Interruption()).send("GET", path, timeout: .seconds(15))
        }
        switch answer {
        case .failed(let failure): throw TrackError.server("\(settings.url): \(failure)")
        case .answered(let status, let body, _):
            if (200..<300).contains(status), let value = try? decode(type, body) { return value }
            if let error = ServerError(body) { throw TrackError.refused(code: error.code, message: error.message) }
            throw TrackError.server("\(settings.url) answers with status \(status), but not as a Track server does. Check the address.")
        }
    }
}

extension Settings {
    /// Writes address and key to `config.toml`, readable by this user alone, keeping everything else in it.
    /// - Returns: The file's path.
    public func save() throws -> String {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let path = folder + "/config.toml"
        let old = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let changes = [("url", url)] + (apiKey.map { [("api_key", $0)] } ?? [])
        try writeWhole(Array(ConfigFile.setting(changes, in: old).utf8), to: path)
        return path
    }
}

extension Run {
    /// Logs one line of JSON: numbers and Booleans are metrics, nested names become paths, a whole `step` is the step. NaN and infinities count as
    /// numbers, as words in quotes and bare, as Python writes them.
    /// - Returns: `false` if the line is no JSON object, or holds no number; it is then kept as a line of the run's log.
    @discardableResult
    public func log(jsonLine line: String) -> Bool {
        var row: [String: Double] = [:], step: Int?
        if line.first(where: { !$0.isWhitespace }) == "{", case .object(var members)? = JSONValue(text: line) {
            step = members["step"].flatMap(wholeNumber)
            if step != nil { members["step"] = nil }
            collect(.object(members), "", into: &row)
        }
        if row.isEmpty { log(line: line, stream: "stdout") } else { log(row, step: step) }
        return !row.isEmpty
    }

    private func wholeNumber(_ value: JSONValue) -> Int? {
        if case .integer(let number) = value { return Int(number) }
        return value.doubleValue.flatMap { Int(exactly: $0) }
    }

    private func collect(_ value: JSONValue, _ path: String, into row: inout [String: Double]) {
        switch value {
        case .object(let members): for (name, member) in members { collect(member, path.isEmpty ? name : path + "/" + name, into: &row) }
        case .bool(let flag): row[path] = flag ? 1 : 0
        default: if let number = value.doubleValue { row[path] = number }
        }
    }
}
