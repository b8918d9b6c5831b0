import Foundation
import Synchronization
import Testing
@testable import TrackStore

@Suite("A file of blocks") struct BlockFileTests {
    @Test("holds what was appended, one behind the other, and zeros behind it", arguments: [true, false]) func appends(isSynced: Bool) throws {
        try withPath { path in
            let file = try #require(BlockFile(path: path, limit: 1 << 20, isSynced: isSynced))
            var expected: [UInt8] = [], random = SystemRandomNumberGenerator()
            // Within a block, to its very end, over it, and more than is written at once.
            for count in [1, 8, 4087, 4096, 4095, 2, 100_000, 0, 600_001] + (0..<60).map({ _ in Int.random(in: 0...9_000, using: &random) }) {
                let bytes = (0..<count).map { _ in UInt8.random(in: 1...255, using: &random) }
                #expect(file.append(bytes))
                expected += bytes
                #expect(file.used == expected.count)
            }
            let data = try Data(contentsOf: URL(filePath: path))
            #expect(data.count % 4096 == 0 && data.count >= 1 << 20)
            #expect(Array(data.prefix(expected.count)) == expected)
            #expect(data.dropFirst(expected.count).allSatisfy { $0 == 0 })
        }
    }

    @Test("begins anew over what is there, and leaves what it has not come to") func anew() throws {
        try withPath { path in
            let file = try #require(BlockFile(path: path, limit: 1 << 20, isSynced: true))
            #expect(file.append([UInt8](repeating: 1, count: 10_000)))
            file.beginAnew()
            #expect(file.used == 0 && file.append([UInt8](repeating: 2, count: 5_000)))
            let data = try Data(contentsOf: URL(filePath: path))
            #expect(data[..<5_000].allSatisfy { $0 == 2 } && data[5_000..<8_192].allSatisfy { $0 == 0 } && data[8_192..<10_000].allSatisfy { $0 == 1 })
        }
    }

    @Test("changes nothing of what stands in a block that it goes on with") func lastBlock() throws {
        try withPath { path in
            let file = try #require(BlockFile(path: path, limit: 0, isSynced: true))
            #expect(file.append([UInt8](1...200)))
            let before = try Data(contentsOf: URL(filePath: path))
            #expect(file.append([UInt8](1...200)))
            #expect(try Data(contentsOf: URL(filePath: path)).prefix(200) == before.prefix(200) && before.count == 4096)
        }
    }

    @Test("has zeros to its end soon once many were needed, and never over what was appended") func zeros() throws {
        try withPath { path in
            let limit = 16 << 20, file = try #require(BlockFile(path: path, limit: limit, isSynced: true))
            var expected: [UInt8] = []
            for number in 0..<1_500 {
                let bytes = [UInt8](repeating: UInt8(number % 255 + 1), count: 1 + number * 37 % 9_000)
                #expect(file.append(bytes))
                expected += bytes
            }
            let end = ContinuousClock.now + .seconds(30)
            while try Data(contentsOf: URL(filePath: path)).count < limit, ContinuousClock.now < end { usleep(1_000) }
            let data = try Data(contentsOf: URL(filePath: path))
            #expect(data.count == limit && data.prefix(expected.count) == Data(expected))
            #expect(data.dropFirst(expected.count).allSatisfy { $0 == 0 })
        }
    }

    @Test("goes back to the system's cache where writes past it are refused, on each of its threads") func refused() throws {
        try withPath { path in
            let limit = 16 << 20, refused = Mutex<Set<UInt>>([])
            let file = try #require(BlockFile(path: path, limit: limit, isSynced: true) { descriptor, bytes, count, offset in
                let thread = UInt(bitPattern: ObjectIdentifier(Thread.current))
                guard refused.withLock({ $0.insert(thread).inserted }) else { return pwrite(descriptor, bytes, count, offset) }
                errno = EINVAL
                return -1
            })
            var expected: [UInt8] = []
            for number in 0..<200 {
                let bytes = [UInt8](repeating: UInt8(number % 255 + 1), count: 8_000)
                #expect(file.append(bytes))
                expected += bytes
            }
            let end = ContinuousClock.now + .seconds(30)
            while try Data(contentsOf: URL(filePath: path)).count < limit, ContinuousClock.now < end { usleep(1_000) }
            let data = try Data(contentsOf: URL(filePath: path))
            #expect(data.prefix(expected.count) == Data(expected) && data.count == limit)
            #expect(refused.withLock(\.count) == 2)
            #if os(Linux)
            #expect(fcntl(file.descriptor, F_GETFL) & BlockFile.direct == 0)
            #endif
        }
    }

    @Test("fails where every write is refused") func refusedForGood() throws {
        try withPath { path in
            let file = try #require(BlockFile(path: path, limit: 1 << 20, isSynced: true) { _, _, _, _ in errno = EINVAL; return -1 })
            #expect(!file.append([1]))
        }
    }

    @Test("says when it cannot be opened, or written") func failing() throws {
        try withPath { #expect(BlockFile(path: $0 + "/none", limit: 0, isSynced: true) == nil) }
        #if os(Linux)
        let full = try #require(BlockFile(path: "/dev/full", limit: 1 << 20, isSynced: false))
        #expect(!full.append([1]))
        #endif
    }

    private func withPath(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "track-blocks-\(UUID().uuidString)").path
        defer { unlink(path) }
        try body(path)
    }
}
