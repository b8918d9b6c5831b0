import Foundation
import SeededRandom
import Testing
import TrackModel

@Suite("Random batches of BatchScanner") struct BatchScannerRandomTests {
    @Test("hold what JSONSerialization reads in them, however they are written", arguments: 1...40) func rows(seed: UInt64) throws {
        var writer = BatchWriter(random: SeededRandom(seed: seed))
        let text = writer.batch()

        let batch = try BatchScanner.scan(Array(text.utf8), now: 7).batch

        let root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let rows = try #require(root["rows"] as? [[String: Any]])
        #expect(batch.steps == rows.map { ($0["step"] as? NSNumber)?.int64Value ?? 0 })
        #expect(batch.times == rows.map { ($0["time"] as? NSNumber)?.int64Value ?? 7 })
        var expected: [String: [Double?]] = [:]
        for (place, row) in rows.enumerated() {
            for (name, value) in Self.flattened(row["values"] as? [String: Any] ?? [:]) {
                expected[name, default: [Double?](repeating: nil, count: rows.count)][place] = value
            }
        }
        #expect(Set(batch.columns.map(\.name)) == Set(expected.keys))
        for column in batch.columns {
            let same = column == Batch.Column(name: column.name, optional: expected[column.name] ?? [])
            #expect(same, "\(column.name) of \(text)")
        }
    }

    /// Nested values as paths; null is no value.
    private static func flattened(_ values: [String: Any], prefix: String = "") -> [(String, Double)] {
        values.flatMap { key, value -> [(String, Double)] in
            switch value {
            case let inner as [String: Any]: flattened(inner, prefix: prefix + key + "/")
            case let number as NSNumber: [(prefix + key, Double(number.stringValue) ?? .nan)]      // some are decimals, whose doubleValue is rounded twice
            case let word as String: [(prefix + key, word == "NaN" ? .nan : word == "Infinity" ? .infinity : -.infinity)]
            default: []
            }
        }
    }

    @Test("cut short or with a byte changed are refused or read, and never crash", arguments: 1...10) func broken(seed: UInt64) {
        var random = SeededRandom(seed: seed), writer = BatchWriter(random: SeededRandom(seed: seed + 100))
        let bytes = Array(writer.batch().utf8)
        for _ in 0..<300 {
            var changed = Array(bytes.prefix(random.below(bytes.count + 1)))
            if !changed.isEmpty { changed[random.below(changed.count)] = UInt8(random.below(256)) }
            if let read = try? BatchScanner.scan(changed) {
                #expect(read.batch.columns.allSatisfy { $0.values.count <= read.batch.steps.count })
            }
        }
    }
}

/// Writes JSON batches as many programs might: mostly the same keys in the same order, now and then others, with spaces anywhere.
private struct BatchWriter {
    var random: SeededRandom
    private static let names = ["loss", "acc", "train/lr", "a \"quoted\" name", "naïve", "x"]

    mutating func batch() -> String {
        let uniform = random.below(3), rows = random.below(40), spaced = random.below(2) == 0
        let usual = Self.names.shuffled(using: &random).prefix(1 + random.below(Self.names.count)).map(\.self)
        let text = (0..<rows).map { _ in row(usual, isOdd: uniform > 0 && random.below(uniform * 12) == 0, spaced) }
        return "{\"rows\":\(space(spaced))[\(text.joined(separator: spaced ? " , " : ","))]}"
    }

    private mutating func row(_ usual: [String], isOdd: Bool, _ spaced: Bool) -> String {
        var names = usual
        if isOdd { names = Self.names.shuffled(using: &random).prefix(random.below(Self.names.count + 1)).map(\.self) }
        var values = names.map { quoted($0) + ":" + space(spaced) + (isOdd ? odd() : number()) }
        if isOdd, random.below(3) == 0 { values.append("\"nested\":{\"y\":\(number()),\"z\":{\"deep\":\(number())}}") }
        var parts = ["\"step\":\(Int64(truncatingIfNeeded: random.next()) >> UInt64(random.below(63)))"]
        if random.below(2) == 0 { parts.append("\"time\":\(random.below(1 << 50))") }
        if !isOdd || random.below(4) > 0 { parts.insert("\"values\":" + space(spaced) + "{" + values.joined(separator: "," + space(spaced)) + "}", at: random.below(parts.count + 1)) }
        return "{" + parts.joined(separator: "," + space(spaced)) + space(spaced) + "}"
    }

    private func space(_ wanted: Bool) -> String { wanted ? " " : "" }

    private func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\\\"") + "\"" }

    private mutating func number() -> String {
        switch random.below(5) {
        case 0: "\(random.below(1_000))"
        case 1: "-\(random.unit())"
        case 2: "\(random.unit() * 1e-7)"
        case 3: "\(random.below(90) + 1).\(random.below(1_000_000))E-\(random.below(20))"
        default: "\(Float(random.gauss()))"
        }
    }

    private mutating func odd() -> String {
        switch random.below(6) {
        case 0: "null"
        case 1: "\"NaN\""
        case 2: "\"-Infinity\""
        case 3: "true"
        default: number()
        }
    }
}
