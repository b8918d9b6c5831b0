import Crypto
import Foundation
import GRDB
import Synchronization
import TrackModel

/// All keys in memory, by the hash of each: a request needs no disk, and comparing hashes tells nothing of the key's characters.
final class Keyring: Sendable {
    private let keys = Mutex<[Data: KeyRecord]>([:])

    static func hash(_ key: String) -> Data { Data(SHA256.hash(data: Data(key.utf8))) }

    func load(_ db: Database) throws {
        let rows = try Row.fetchAll(db, sql: "SELECT hash, id, name, scope, prefix, created_ms, expires_ms, last_used_ms FROM api_key")
        let loaded = rows.map { row in
            (row[0] as Data, KeyRecord(id: row[1], name: row[2], scope: KeyScope(rawValue: row[3]) ?? .read, prefix: row[4],
                                       createdAt: row[5], expiresAt: row[6], lastUsedAt: row[7]))
        }
        keys.withLock { $0 = Dictionary(uniqueKeysWithValues: loaded) }
    }

    var all: [KeyRecord] { keys.withLock { $0.values.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) } } }
    var isEmpty: Bool { keys.withLock { $0.isEmpty } }

    func add(_ record: KeyRecord, hash: Data) { keys.withLock { $0[hash] = record } }

    func remove(_ id: String) {
        keys.withLock { keys in
            if let hash = keys.first(where: { $0.value.id == id })?.key { keys[hash] = nil }
        }
    }

    /// The key's record if it is valid now, and whether its use is to be noted (once a minute).
    func find(_ key: String, now: Int64) -> (record: KeyRecord, note: Bool)? {
        let hash = Self.hash(key)
        return keys.withLock { keys -> (record: KeyRecord, note: Bool)? in
            guard var record = keys[hash], record.expiresAt.map({ $0 > now }) ?? true else { return nil }
            let note = record.lastUsedAt.map { now - $0 > 60_000 } ?? true
            if note {
                record.lastUsedAt = now
                keys[hash] = record
            }
            return (record, note)
        }
    }
}
