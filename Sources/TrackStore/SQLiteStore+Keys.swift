import Foundation
import GRDB
public import TrackModel

extension SQLiteStore {
    public func makeKey(name: String, scope: KeyScope, expiresAt: Int64?) async throws -> (key: String, record: KeyRecord) {
        try NameRules.check(name, kind: "Key name")
        let now = milliseconds()
        if let expiresAt, expiresAt <= now { throw StoreError.invalidParameter(name: "expiresAt", value: "\(expiresAt)", reason: "it is in the past") }
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        let key = "trk-" + String((0..<40).map { _ in alphabet.randomElement()! })
        let record = KeyRecord(id: randomBase32(length: 8), name: name, scope: scope, prefix: String(key.prefix(8)), createdAt: now, expiresAt: expiresAt)
        let hash = Keyring.hash(key)
        try await write { _, db in
            try db.execute(sql: """
                INSERT INTO api_key (id, name, scope, prefix, hash, created_ms, expires_ms)
                VALUES (:id, :name, :scope, :prefix, :hash, :created, :expires)
                """, arguments: ["id": record.id, "name": name, "scope": scope.rawValue, "prefix": record.prefix, "hash": hash,
                                 "created": now, "expires": expiresAt])
        }
        keyring.add(record, hash: hash)
        return (key, record)
    }

    public func keys() async throws -> [KeyRecord] { keyring.all }
    public func hasKeys() async throws -> Bool { !keyring.isEmpty }

    public func authenticate(key: String) async throws -> KeyRecord? {
        let now = milliseconds()
        guard let (record, note) = keyring.find(key, now: now) else { return nil }
        if note {
            try await write { _, db in
                try db.execute(sql: "UPDATE api_key SET last_used_ms = :now WHERE id = :id", arguments: ["now": now, "id": record.id])
            }
        }
        return record
    }

    public func deleteKey(_ id: String) async throws {
        try await write { _, db in
            try db.execute(sql: "DELETE FROM api_key WHERE id = :id", arguments: ["id": id])
            if db.changesCount == 0 { throw StoreError.unknownKey(id) }
        }
        keyring.remove(id)
    }
}
