import Foundation
import Track

/// usage: ClientBenchmark latency|growth|allocations|marked|delivery|memory, with TRACK_URL and TRACK_DIR set. One line for each figure.
let mode = CommandLine.arguments.dropFirst().first ?? ""

/// Runs async work while this thread, on which everything is measured, waits.
func wait<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) -> Value {
    let done = DispatchSemaphore(value: 0)
    nonisolated(unsafe) var value: Value!
    Task.detached {
        value = try! await work()
        done.signal()
    }
    done.wait()
    return value
}

let own = memory()
let isOnline = mode == "delivery" || mode == "memory"
let run = wait { try await Run.start(project: "benchmark", mode: isOnline ? .online : .offline) }
switch mode {
case "latency": Latency(run: run).quantiles()
case "growth": Latency(run: run).growth()
case "allocations": Latency(run: run).allocations()
case "marked": Latency(run: run).marked()
case "delivery":
    let started = now_ns()
    for step in 0..<20_000 { logLiteral(run, step) }
    let logged = now_ns()
    let isStored = wait { await run.flush() }
    let service = TrackService(try Settings.load())
    let last = wait { try await service.run(run.id).lastStep }
    print("delivery \(Double(now_ns() - started) / 1e9) \(Double(logged - started) / 1e9) \(isStored && last == 19_999)")
case "memory":
    for step in 0..<1_000_000 {
        logLiteral(run, step)
        if step % 1_000 == 0 { usleep(10_000) }      // a hundred thousand rows a second at most
    }
    print("memory \(own.peak) \(memory().peak)")
default: fatalError("usage: ClientBenchmark latency|growth|allocations|marked|delivery|memory")
}
let report = wait { await run.finish() }
print("spool \(Double(report.bytes) / Double(max(1, report.loggedPoints)))")
