import CKernels
import Testing

@Suite("Thread pool") struct PoolTests {
    @Test("every part runs once") func parts() {
        let counts = UnsafeMutablePointer<Int32>.allocate(capacity: 1000)
        defer { counts.deallocate() }
        for _ in 0..<50 {
            counts.initialize(repeating: 0, count: 1000)
            ck_parallel(1000, counts) { context, part in context!.assumingMemoryBound(to: Int32.self)[Int(part)] += 1 }
            #expect((0..<1000).allSatisfy { counts[$0] == 1 })
        }
    }
}
