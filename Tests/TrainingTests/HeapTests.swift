import Foundation
import Layers
import MallocCount
import Tensors
import Testing
@testable import Training
#if canImport(Glibc)
import Glibc

/// The allocator's own books, over all threads and arenas: what the program has and what the process has got from the system, in bytes.
private struct Heap {
    var used = 0, held = 0

    /// - Throws: ``Unreadable``, where the C library has no such books.
    static func now() throws -> Heap {
        typealias Report = @convention(c) (Int32, UnsafeMutablePointer<FILE>) -> Int32
        var text: UnsafeMutablePointer<CChar>?, length = 0
        guard let symbol = dlsym(nil, "malloc_info"), let file = open_memstream(&text, &length) else { throw Unreadable() }
        _ = unsafeBitCast(symbol, to: Report.self)(0, file)
        fclose(file)
        defer { free(text) }
        // After the arenas' own parts come the totals.
        let totals = String(cString: text!).components(separatedBy: "</heap>").last!
        func size(_ kind: String) -> Int {
            let tag = totals.components(separatedBy: kind).dropFirst().first ?? ""
            return Int((tag.components(separatedBy: "size=\"").dropFirst().first ?? "").prefix { $0.isNumber }) ?? 0
        }
        let mapped = size("\"mmap\""), system = size("system type=\"current\"")
        return Heap(used: system - size("\"fast\"") - size("\"rest\"") + mapped, held: system + mapped)
    }

    struct Unreadable: Error {}
}

@Suite("Memory of steady steps") struct HeapTests {
    /// Trains until everything has its place, then 2,000 steps more, in a process that does nothing else, and ends it.
    /// - Parameter objects: The most objects that a step may ask `malloc` for, and give back: tensors and closures of recorded
    ///   operations, in a debug build also what the optimizer would leave out.
    private static func expectSteady(_ learner: Learner, objects limit: Int) throws -> Never {
        Compute.threads = 1      // how many threads need work space at the same time would be chance
        let epochs = 2000 / learner.loaders.train.count
        try learner.fit(epochs: epochs / 4)
        _ = try Heap.now()
        let before = try Heap.now(), buffers = Compute.memory.buffersAllocated, calls = malloc_count()
        try learner.fit(epochs: epochs)
        let objects = Double(malloc_count() - calls) / 2000
        let after = try Heap.now()
        // An object that stayed from each step would be 32,000 bytes or more.
        guard before.used > 0, after.used - before.used < 16_000, after.held - before.held < 16_000, Compute.memory.buffersAllocated == buffers else {
            fatalError("used \(before.used) then \(after.used) bytes, held \(before.held) then \(after.held), "
                + "buffers \(buffers) then \(Compute.memory.buffersAllocated)")
        }
        guard calls > 0, objects > 0, objects <= Double(limit) else { fatalError("\(objects) objects a step, not 1 to \(limit)") }
        exit(EXIT_SUCCESS)
    }

    @Test("steady steps of a picture network take nothing from the system and keep nothing, small objects included") func pictures() async {
        await #expect(processExitsWith: .success) {
            let batch = RawBatch(inputs: RawArray((0..<8 * 3 * 16 * 16).map { Float($0 % 13) / 13 }, shape: [8, 3, 16, 16]),
                                 targets: .labels((0..<8).map { $0 % 4 }))
            let model = Sequential(ConvLayer(3, 8, stride: 2), BatchNorm2d(8), ConvLayer(8, 16, stride: 2), Dropout(0.1), AdaptivePool(), Linear(16, 4))
            try Self.expectSteady(Learner(
                model, DataLoaders(train: DataLoader(batches: Array(repeating: batch, count: 50))), loss: CrossEntropyLoss(), learningRate: 0.01,
                callbacks: [TrackResults(write: { _ in }), NaNStop()], optimizer: .adamW()), objects: 400)
        }
    }

    @Test("nor do those of the smallest model") func line() async {
        await #expect(processExitsWith: .success) {
            try Self.expectSteady(LinearRegression.learner(LinearRegression.model(weight: 0, bias: 0)), objects: 50)
        }
    }
}
#endif
