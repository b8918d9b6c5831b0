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

/// Counts what steps ask `malloc` for, each from its batch to its end.
private final class StepAllocations: Callback {
    var steps = 0, count = 0
    private var before: UInt = 0

    override func beforeBatch(_ learner: Learner) { before = malloc_count() }
    override func cleanupBatch(_ learner: Learner) {
        steps += 1
        // The first step of a fit also looks for parameters that the model does not list.
        if learner.epoch > 0 || learner.batchIndex > 0 { count += Int(malloc_count() - before) }
    }
}

@Suite("Memory of steady steps") struct HeapTests {
    /// Trains until everything has its place, then 2,000 steps more, in a process that does nothing else, and ends it. No step may ask
    /// `malloc` for a single object.
    /// - Parameter unoptimized: What a step may ask for in a debug build, for what the optimizer leaves out.
    private static func expectSteady(_ learner: Learner, unoptimized: Int = 0) throws -> Never {
        Compute.threads = 1      // how many threads need work space at the same time would be chance
        let epochs = 2000 / learner.loaders.train.count, counter = StepAllocations()
        learner.callbacks.append(counter)
        try learner.fit(epochs: epochs / 4)
        _ = try Heap.now()
        let before = try Heap.now(), buffers = Compute.memory.buffersAllocated
        (counter.steps, counter.count) = (0, 0)
        try learner.fit(epochs: epochs)
        let (steps, objects) = (counter.steps, counter.count), after = try Heap.now()
        // An object that stayed from each step would be 32,000 bytes or more.
        guard before.used > 0, after.used - before.used < 16_000, after.held - before.held < 16_000, Compute.memory.buffersAllocated == buffers else {
            fatalError("used \(before.used) then \(after.used) bytes, held \(before.held) then \(after.held), "
                + "buffers \(buffers) then \(Compute.memory.buffersAllocated)")
        }
        #if DEBUG
        let limit = unoptimized * steps
        #else
        let limit = 0
        #endif
        guard steps == 2000, objects <= limit, malloc_count() > 0 else { fatalError("\(objects) objects asked for in \(steps) steps") }
        exit(EXIT_SUCCESS)
    }

    /// A learner of ten classes that sees one batch of eight again and again.
    private static func learner(_ model: Module, input shape: [Int], callbacks: [Callback] = [], optimizer: OptimizerChoice = .sgd) -> Learner {
        let count = shape.reduce(8, *)
        let batch = RawBatch(inputs: RawArray((0..<count).map { Float($0 % 13) / 13 }, shape: [8] + shape), targets: .labels((0..<8).map { $0 % 4 }))
        return Learner(model, DataLoaders(train: DataLoader(batches: Array(repeating: batch, count: 50))), loss: CrossEntropyLoss(),
                       learningRate: 0.01, callbacks: callbacks, optimizer: optimizer)
    }

    @Test("steady steps of a picture network take nothing from the system and keep nothing, small objects included") func pictures() async {
        await #expect(processExitsWith: .success) {
            let model = Sequential(ConvLayer(3, 8, stride: 2), ConvLayer(8, 16, stride: 2), AdaptivePool(), Linear(16, 4))
            try Self.expectSteady(Self.learner(model, input: [3, 16, 16]), unoptimized: 20)
        }
    }

    @Test("nor do those of a perceptron with momentum") func perceptron() async {
        await #expect(processExitsWith: .success) {
            let model = Sequential(Linear(20, 16), ReLU(), Linear(16, 12), ReLU(), Linear(12, 4))
            try Self.expectSteady(Self.learner(model, input: [20], optimizer: .sgd(momentum: 0.9)), unoptimized: 20)
        }
    }

    @Test("nor do those of a transformer block") func block() async {
        await #expect(processExitsWith: .success) {
            let model = Sequential(SmallBlock(), Flatten(), Linear(6 * 8, 4))
            try Self.expectSteady(Self.learner(model, input: [6, 8]), unoptimized: 20)
        }
    }

    @Test("nor do those with batch norm, dropout, AdamW and callbacks") func everything() async {
        await #expect(processExitsWith: .success) {
            let model = Sequential(
                ConvLayer(3, 8, stride: 2), BatchNorm2d(8), ConvLayer(8, 16, stride: 2), Dropout(0.1), AdaptivePool(), Linear(16, 4))
            try Self.expectSteady(Self.learner(model, input: [3, 16, 16], callbacks: [TrackResults(write: { _ in }), NaNStop()], optimizer: .adamW()),
                                  unoptimized: 200)
        }
    }

    @Test("nor do those of the smallest model") func line() async {
        await #expect(processExitsWith: .success) {
            try Self.expectSteady(LinearRegression.learner(LinearRegression.model(weight: 0, bias: 0)), unoptimized: 20)
        }
    }
}

/// Attention and two layers, each around a shortcut.
private final class SmallBlock: Module {
    let norm1 = LayerNorm(8), attention = MultiHeadAttention(8, heads: 2), norm2 = LayerNorm(8)
    let mlp = Sequential(Linear(8, 16), GELU(), Linear(16, 8))
    override func forward(_ x: Tensor) -> Tensor {
        let y = x + attention(norm1(x))
        return y + mlp(norm2(y))
    }
}
#endif
