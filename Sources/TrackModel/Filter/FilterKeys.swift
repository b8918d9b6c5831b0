import Foundation

/// The words of the filter language: keys by their many names, values by what they are compared with.
enum FilterKeys {
    struct Refusal: Error { let text: String }

    static func comparison(_ symbol: String) -> RunFilter.Comparison {
        switch symbol {
        case "==": .equal
        case "<>": .unequal
        default: RunFilter.Comparison(rawValue: symbol)!
        }
    }

    private static let fields: [String: RunFilter.Field] = [
        "name": .name, "run_name": .name, "id": .id, "run_id": .id, "state": .state, "status": .state, "group": .group, "jobtype": .jobType,
        "job_type": .jobType, "notes": .notes, "created": .createdAt, "createdat": .createdAt, "started": .startedAt, "startedat": .startedAt,
        "start_time": .startedAt, "finished": .finishedAt, "finishedat": .finishedAt, "end_time": .finishedAt, "heartbeatat": .heartbeatAt,
        "duration": .duration, "number": .number, "rows": .rows, "points": .points, "laststep": .lastStep, "parent": .parent,
        "archived": .archived, "deleted": .deleted, "binned": .deleted, "trashed": .deleted,
    ]

    static func key(_ text: String, isQuoted: Bool) -> RunFilter.Key {
        for prefix in ["config.", "params.", "parameters.", "param."] where text.hasPrefix(prefix) { return .config(String(text.dropFirst(prefix.count))) }
        for prefix in ["summary.", "metrics.", "metric."] where text.hasPrefix(prefix) { return summary(String(text.dropFirst(prefix.count))) }
        for prefix in ["run.", "attributes.", "attribute."] where text.hasPrefix(prefix) {
            if let field = fields[text.dropFirst(prefix.count).lowercased()] { return .field(field) }
        }
        if isQuoted { return .bare(text) }
        switch text.lowercased() {
        case "tag", "tags": return .tag
        case "health", "finding", "findings": return .finding
        case let word: return fields[word].map { .field($0) } ?? .bare(text)
        }
    }

    private static func summary(_ path: String) -> RunFilter.Key {
        if let dot = path.lastIndex(of: "."), let aggregate = RunFilter.Aggregate(rawValue: String(path[path.index(after: dot)...])) {
            return .summary(metric: String(path[..<dot]), aggregate)
        }
        return .summary(metric: path, .last)
    }

    /// A value in the shape its key is compared in.
    static func value(_ text: String, isQuoted: Bool, for key: RunFilter.Key, now: Int64) throws -> RunFilter.Value {
        guard case .field(let field) = key else {
            if !isQuoted, let number = Double(text), number.isFinite { return .number(number) }
            if case .summary = key { return try Double(text).flatMap { $0.isNaN ? nil : $0 }.map { .number($0) } ?? refuse(text, "a number") }
            return .text(text)
        }
        if field == .state { return .text(try state(text)) }
        if field.isText { return .text(text) }
        if field.isFlag { return .number(try flag(text)) }
        if field.isTime { return .number(Double(try time(text, now: now))) }
        if field == .duration { return .number(try (span(text) ?? Double(text).map { $0 * 1_000 }) ?? refuse(text, "seconds, or a time such as 90s, 5m, 2h, 7d")) }
        return .number(try Double(text) ?? refuse(text, "a number"))
    }

    private static func refuse<Value>(_ text: String, _ wanted: String) throws -> Value {
        throw Refusal(text: "\"\(text.prefix(40))\" is not \(wanted)")
    }

    private static func state(_ text: String) throws -> String {
        let word = text.lowercased()
        let known = ["crashed": "failed", "scheduled": "running", "completed": "finished"][word] ?? word
        guard RunState(rawValue: known) != nil else { return try refuse(text, "a state: running, finished, failed or killed") }
        return known
    }

    private static func flag(_ text: String) throws -> Double {
        switch text.lowercased() {
        case "true", "yes", "1": 1
        case "false", "no", "0": 0
        default: try refuse(text, "true or false")
        }
    }

    /// Milliseconds in 90s, 5m, 2h, 7d, 3w.
    private static func span(_ text: String) -> Double? {
        let units: [Character: Double] = ["s": 1e3, "m": 6e4, "h": 3.6e6, "d": 8.64e7, "w": 6.048e8]
        guard let last = text.last, let unit = units[last], let count = Double(text.dropLast()) else { return nil }
        return count.magnitude * unit
    }

    /// 2026-11-21, 2026-11-21T10:00:00Z, milliseconds since 1970, or a span before now.
    private static func time(_ text: String, now: Int64) throws -> Int64 {
        if let span = span(text) { return now - Int64(span) }
        if let number = Double(text), number.magnitude < 1e18 { return Int64(number) }
        for style in [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)] {
            for spelling in [text, text + "Z", text.replacing(" ", with: "T") + "Z"] {
                if let date = try? style.parse(spelling) { return Int64(date.timeIntervalSince1970 * 1_000) }
            }
        }
        if let date = try? Date.ISO8601FormatStyle().year().month().day().parse(text) { return Int64(date.timeIntervalSince1970 * 1_000) }
        return try refuse(text, "a time such as 2026-11-21, 2026-11-21T10:00:00Z or 7d (ago)")
    }
}
