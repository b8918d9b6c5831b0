import Foundation

/// Time on the wall, in seconds.
func seconds<Value>(_ body: () throws -> Value) rethrows -> (Double, Value) {
    let start = ContinuousClock.now
    let value = try body()
    return (duration(since: start), value)
}

func duration(since start: ContinuousClock.Instant) -> Double {
    let components = (ContinuousClock.now - start).components
    return Double(components.seconds) + Double(components.attoseconds) * 1e-18
}

/// The median of `count` measurements, in seconds.
func median(_ count: Int, _ body: () async throws -> Void) async rethrows -> Double {
    var times: [Double] = []
    for _ in 0..<count {
        let start = ContinuousClock.now
        try await body()
        times.append(duration(since: start))
    }
    return times.sorted()[count / 2]
}

/// Lines of the table and the targets met or missed.
enum Report {
    static func row(_ name: String, _ value: Double, _ unit: String) {
        print(name.padding(toLength: 62, withPad: " ", startingAt: 0) + number(value) + " " + unit)
    }

    /// A target: at least (`atLeast`) or at most.
    static func bar(_ name: String, _ measured: Double, atLeast needed: Double) { line(name, measured, needed, measured >= needed) }
    static func bar(_ name: String, _ measured: Double, atMost needed: Double) { line(name, measured, needed, measured <= needed) }

    private static func line(_ name: String, _ measured: Double, _ needed: Double, _ met: Bool) {
        print("BAR \(name) \(number(measured)) \(number(needed)) \(met ? "ok" : "short")")
    }

    static func number(_ value: Double) -> String {
        value >= 1_000 ? "\(Int(value.rounded()))" : String(format: "%.3g", value)
    }
}

/// Seeded numbers, so that every machine measures the same data.
struct Noise {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// The disk's time for one write that must not be lost, in milliseconds.
func syncMilliseconds(in folder: String) -> Double {
    let file = open(folder + "/sync", O_RDWR | O_CREAT, 0o600)
    defer { close(file); unlink(folder + "/sync") }
    let page = [UInt8](repeating: 1, count: 4_096)
    var times: [Double] = []
    for _ in 0..<200 { times.append(seconds { _ = write(file, page, 4_096); fdatasync(file) }.0) }
    return times.sorted()[100] * 1_000
}

/// Memory of this process in the machine, in MB.
func residentMegabytes() -> Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line.flatMap { Double($0.split(separator: " ").dropFirst().first ?? "") }.map { $0 / 1_024 } ?? .nan
}
