#if canImport(Glibc)
import MallocCount
import Tensors
import Training

/// What the steps of a training took once everything had its place.
struct SteadySteps: CustomStringConvertible {
    /// Steps, and how often they asked `malloc` and its relatives for an object, each from its batch to its end.
    var steps = 0, objects = 0
    /// New buffers, and bytes of the allocator's books that the program has more and that it has got from the system.
    var buffers = 0, used = 0, held = 0

    /// Whether nothing stayed: an object from each of 2,000 steps would be 32,000 bytes or more.
    var keepNothing: Bool { used < 16_000 && held < 16_000 && buffers == 0 }

    var description: String { "\(steps) steps: \(objects) objects, \(buffers) buffers, \(used) bytes used, \(held) held" }
}

/// Trains until everything has its place, then an epoch and 2,000 steps more.
func measureSteadySteps(_ learner: Learner) throws -> SteadySteps {
    Compute.threads = 1      // how many threads need work space at the same time would be chance
    let epochs = 2000 / learner.loaders.train.count, counter = StepAllocations()
    learner.callbacks.append(counter)
    try learner.fit(epochs: epochs / 4)
    _ = try Heap.now()
    let before = try Heap.now(), buffers = Compute.memory.buffersAllocated
    counter.found = SteadySteps()
    try learner.fit(epochs: epochs + 1)
    let found = counter.found, after = try Heap.now()
    return SteadySteps(
        steps: found.steps, objects: found.objects, buffers: Compute.memory.buffersAllocated - buffers, used: after.used - before.used,
        held: after.held - before.held)
}

/// Counts what steps ask `malloc` for.
private final class StepAllocations: Callback {
    var found = SteadySteps()
    private var before: UInt = 0

    override func beforeBatch(_ learner: Learner) { before = malloc_count() }
    override func cleanupBatch(_ learner: Learner) {
        // A fit begins with a new optimizer, whose first steps make its state.
        guard learner.epoch > 0 else { return }
        found.steps += 1
        found.objects += Int(malloc_count() - before)
    }
}
#endif
