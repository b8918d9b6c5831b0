import CallMallocCount
import Foundation
import ProcessMemory
import Track

/// What `log` costs its caller: quantiles of single calls, time and memory over many, allocations.
struct Latency {
    let run: Run

    /// Nanoseconds of each of `count` calls, sorted; the clock's own cost is taken off.
    private func nanoseconds(_ count: Int, _ call: (Int) -> Void) -> [Int] {
        var times = [Int](repeating: 0, count: count)
        for index in 0..<10_000 { call(index) }
        for index in 0..<count {
            let started = now_ns()
            call(index)
            times[index] = now_ns() - started
        }
        return times.sorted()
    }

    private var clock_ns: Int {
        var times: [Int] = []
        for _ in 0..<10_001 { let started = now_ns(); times.append(now_ns() - started) }
        return times.sorted()[times.count / 2]
    }

    func quantiles() {
        let clock = clock_ns, count = 1_000_000
        let literal = nanoseconds(count) { logLiteral(run, $0) }
        let values = Dictionary(uniqueKeysWithValues: (0..<8).map { ("metric\($0)", Double($0) / 3) })
        let dictionary = nanoseconds(count) { run.log(values, step: $0) }
        for (name, times) in [("literal", literal), ("dictionary", dictionary)] {
            print("\(name) \(max(0, times[count / 2] - clock)) \(max(0, times[count * 99 / 100] - clock)) \(max(0, times[count * 999 / 1_000] - clock))")
        }
    }

    /// Ten million calls: microseconds a call and resident memory, in each million.
    func growth() {
        for million in 0..<10 {
            let started = now_ns()
            for index in 0..<1_000_000 { logLiteral(run, million * 1_000_000 + index) }
            print("growth \(Double(now_ns() - started) / 1e9) \(memory().resident)")
        }
    }

    /// How many of 100 000 calls allocate on this thread, after the first ones: those that go over to the next segment may.
    func allocations() {
        for index in 0..<10_000 { logLiteral(run, index) }
        var calls = 0
        for index in 0..<100_000 {
            let before = malloc_count()
            logLiteral(run, index)
            if malloc_count() != before { calls += 1 }
        }
        print("allocations \(calls)")
    }

    /// Windows of 2 000 calls between marks that a tracer of system calls sees; most lie within one segment.
    func marked() {
        for index in 0..<220_000 { logLiteral(run, index) }      // up to segments of 4 MiB
        sleep(1)
        for _ in 0..<9 {
            access("/begin", F_OK)
            for index in 0..<2_000 { logLiteral(run, index) }
            access("/end", F_OK)
        }
    }
}

@inline(never)
func logLiteral(_ run: Run, _ step: Int) {
    let value = Double(step) / 3
    run.log(["loss": value, "accuracy": value + 1, "lr": value + 2, "grad": value + 3,
             "momentum": value + 4, "entropy": value + 5, "weights": value + 6, "epoch": value + 7], step: step)
}

func now_ns() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

func memory() -> (resident: Int, peak: Int) {
    var resident = 0, peak = 0
    memory_now(&resident, &peak)
    return (resident, peak)
}
