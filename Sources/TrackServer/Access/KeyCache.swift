import Crypto
import Foundation
import Synchronization
import TrackModel
import TrackStore

/// Remembers for a moment which keys are valid, so that ingest does not ask the database for each batch.
///
/// A key revoked through this server is forgotten at once; one revoked by `track key revoke` in another process within ``lifetime``.
final class KeyCache: Sendable {
    /// Seconds for which an answer of the store holds.
    static let lifetime = 2.0
    private static let capacity = 1_024

    private struct Known { var byDigest: [Data: (KeyRecord, Double)] = [:]; var all: ([KeyRecord], Double)?; var any: (Bool, Double)? }
    private let known = Mutex(Known())        // guards all state
    private let store: any Store

    init(store: any Store) { self.store = store }

    /// The record of `key` if it is valid now. Keys are remembered by digest, never as themselves.
    func record(for key: String, at now: Double) async throws -> KeyRecord? {
        let digest = Self.digest(key)
        if let hit = known(digest, at: now) { return hit }
        let record = try await store.authenticate(key: key)
        known.withLock {
            if $0.byDigest.count >= Self.capacity { $0.byDigest.removeAll() }
            $0.byDigest[digest] = record.map { ($0, now) }
        }
        return record
    }

    /// The record of `key`, if it was found valid a moment ago.
    func knownRecord(for key: String, at now: Double) -> KeyRecord? { known(Self.digest(key), at: now) }

    private func known(_ digest: Data, at now: Double) -> KeyRecord? {
        known.withLock { $0.byDigest[digest] }.flatMap { now - $0.1 < Self.lifetime ? $0.0 : nil }
    }

    private static func digest(_ key: String) -> Data { Data(SHA256.hash(data: Data(key.utf8))) }

    /// The record of the key with this id, for sessions; `nil` if it was revoked or has expired.
    func record(id: String, at now: Double) async throws -> KeyRecord? {
        var keys = known.withLock { $0.all.flatMap { now - $0.1 < Self.lifetime ? $0.0 : nil } }
        if keys == nil {
            keys = try await store.keys()
            let fresh = keys ?? []
            known.withLock { $0.all = (fresh, now) }
        }
        let record = keys?.first { $0.id == id }
        return record.flatMap { ($0.expiresAt ?? .max) > Int64(now * 1_000) ? $0 : nil }
    }

    /// Whether there is any key at all.
    func hasKeys(at now: Double) async throws -> Bool {
        if let hit = knownToHaveKeys(at: now) { return hit }
        let any = try await store.hasKeys()
        known.withLock { $0.any = (any, now) }
        return any
    }

    /// Whether there is any key, if that was asked a moment ago.
    func knownToHaveKeys(at now: Double) -> Bool? { known.withLock { $0.any }.flatMap { now - $0.1 < Self.lifetime ? $0.0 : nil } }

    /// Forgets everything: a key was made or revoked.
    func clear() { known.withLock { $0 = Known() } }
}
