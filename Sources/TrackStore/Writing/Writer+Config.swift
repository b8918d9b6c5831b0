import Foundation
import GRDB
import TrackModel

extension Writer {
    enum ConfigKind: String {
        case config, summary
        var column: String { self == .config ? "config" : "summary_values" }
    }

    /// Lays changes over what the run has, and keeps the dotted keys for search.
    func merge(_ changes: JSONValue, _ kind: ConfigKind, into run: Int64, project: Int64, _ db: Database) throws {
        let old = try String.fetchOne(db, sql: "SELECT \(kind.column) FROM run WHERE id = :run", arguments: ["run": run])
        let merged = (old.map(JSONText.decode) ?? [:]).merging(changes)
        try db.execute(sql: "UPDATE run SET \(kind.column) = :text, version = version + 1 WHERE id = :run",
                       arguments: ["text": JSONText.encode(merged), "run": run])
        let before = (old.map(JSONText.decode) ?? [:]).flattened(), after = merged.flattened()
        for key in before.keys where after[key] == nil { try deleteValue(key, kind, run, project, db) }
        for (key, value) in after where before[key] != value { try setValue(value, key, kind, run, project, db) }
    }

    private func setValue(_ value: JSONValue, _ key: String, _ kind: ConfigKind, _ run: Int64, _ project: Int64, _ db: Database) throws {
        try db.execute(sql: "INSERT INTO config_key (project_id, kind, name) VALUES (:project, :kind, :name) ON CONFLICT DO NOTHING",
                       arguments: ["project": project, "kind": kind.rawValue, "name": key])
        try db.execute(sql: """
            INSERT INTO config_value (key_id, run_id, number, text)
            SELECT id, :run, :number, :text
            FROM config_key
            WHERE project_id = :project AND kind = :kind AND name = :name
            ON CONFLICT DO UPDATE SET number = excluded.number, text = excluded.text
            """, arguments: ["run": run, "number": value.searchNumber, "text": value.searchText, "project": project, "kind": kind.rawValue, "name": key])
    }

    private func deleteValue(_ key: String, _ kind: ConfigKind, _ run: Int64, _ project: Int64, _ db: Database) throws {
        try db.execute(sql: """
            DELETE FROM config_value
            WHERE run_id = :run AND key_id = (SELECT id FROM config_key WHERE project_id = :project AND kind = :kind AND name = :name)
            """, arguments: ["run": run, "project": project, "kind": kind.rawValue, "name": key])
    }
}

/// JSON columns.
enum JSONText {
    static func encode(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }

    static func decode(_ text: String) -> JSONValue { JSONValue(text: text) ?? .null }
    static func decode<Value: Decodable>(_ type: Value.Type, _ text: String) -> Value? { try? JSONDecoder().decode(type, from: Data(text.utf8)) }
}

extension JSONValue {
    /// The number that filters compare: booleans are 1 and 0, NaN has none.
    var searchNumber: Double? {
        switch self {
        case .bool(let value): value ? 1 : 0
        default: doubleValue.flatMap { $0.isNaN ? nil : $0 }
        }
    }

    /// The text that filters compare and the table shows.
    var searchText: String {
        switch self {
        case .string(let text): text
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): "\(value)"
        case .number(let value): nonFiniteWord(value) ?? "\(value)"
        case .null: "null"
        case .array, .object: JSONText.encode(self)
        }
    }
}
