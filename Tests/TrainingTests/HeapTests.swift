#if canImport(Glibc)
import Glibc
import MallocCount
import Testing
@testable import SteadySteps

@Suite("Memory of steady steps") struct HeapTests {
    /// Runs 2,000 steps in a process that does nothing else, and ends it.
    /// - Parameter limit: What a step may ask `malloc` for in a debug build, for what the optimizer leaves out; in a release build nothing.
    private static func expectSteady(_ model: SteadyModel, limit: Int) throws -> Never {
        let found = try measureSteadySteps(model.makeLearner())
        #if DEBUG
        let most = limit * found.steps
        #else
        let most = 0
        #endif
        guard found.keepNothing, found.steps == 2000, found.objects <= most, malloc_count() > 0 else { fatalError("\(found)") }
        exit(EXIT_SUCCESS)
    }

    @Test("steady steps of a picture network take nothing from the system and keep nothing, small objects included") func pictures() async {
        await #expect(processExitsWith: .success) { try Self.expectSteady(.pictures, limit: 20) }
    }

    @Test("nor do those of a perceptron with momentum") func perceptron() async {
        await #expect(processExitsWith: .success) { try Self.expectSteady(.perceptron, limit: 20) }
    }

    @Test("nor do those of a transformer block") func block() async {
        await #expect(processExitsWith: .success) { try Self.expectSteady(.block, limit: 20) }
    }

    @Test("nor do those with batch norm, dropout, AdamW and callbacks") func everything() async {
        await #expect(processExitsWith: .success) { try Self.expectSteady(.everything, limit: 200) }
    }

    @Test("nor do those of the smallest model") func line() async {
        await #expect(processExitsWith: .success) { try Self.expectSteady(.line, limit: 20) }
    }
}
#endif
