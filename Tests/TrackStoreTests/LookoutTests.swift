import Foundation
import Testing
@testable import TrackStore

@Suite("Who looks out") struct LookoutTests {
    /// A file in place of the device that takes the wish.
    private func withDevice(_ body: (_ path: String, _ wish: () -> [UInt8]) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "track-lookout-\(UUID().uuidString)").path
        try Data().write(to: URL(filePath: path))
        defer { unlink(path) }
        try body(path) { (try? Data(contentsOf: URL(filePath: path))).map(Array.init) ?? [] }
    }

    /// So many waits, each as long as the other.
    private func wait(_ lookout: inout Lookout, times: Int, microseconds: Int = 20) {
        for _ in 0..<times {
            let start = ContinuousClock.now
            lookout.watch(from: start) { true }
            lookout.ended(at: start + .microseconds(microseconds))
        }
    }

    @Test("keeps idle processors awake only where one comes soon after the other many times over") func keepsAwake() throws {
        try withDevice { path, wish in
            var lookout = Lookout(IdleProcessors(path: path))
            wait(&lookout, times: Lookout.many)
            #expect(wish() == [])
            wait(&lookout, times: 1)
            #expect(wish() == [0, 0, 0, 0])        // microseconds
            #expect(isOpen(path))
            lookout.sleep()
            #expect(!isOpen(path))
        }
    }

    @Test("begins anew to count after a long wait") func longWait() throws {
        try withDevice { path, wish in
            var lookout = Lookout(IdleProcessors(path: path))
            wait(&lookout, times: Lookout.many - 1)
            wait(&lookout, times: 1, microseconds: 1000)
            wait(&lookout, times: Lookout.many)
            #expect(wish() == [])
        }
    }

    @Test("asks once where the wish is refused, and does without") func refused() throws {
        try withDevice { path, wish in
            unlink(path)
            var lookout = Lookout(IdleProcessors(path: path))
            wait(&lookout, times: Lookout.many + 1)
            try Data().write(to: URL(filePath: path))
            wait(&lookout, times: Lookout.many)
            #expect(wish() == [])
        }
    }

    /// Whether this process has the file open.
    private func isOpen(_ path: String) -> Bool {
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd")) ?? []
        return descriptors.contains { descriptor in
            var own = stat(), file = stat()
            return Int32(descriptor).map { fstat($0, &own) == 0 && stat(path, &file) == 0 && own.st_ino == file.st_ino && own.st_dev == file.st_dev } ?? false
        }
    }
}
