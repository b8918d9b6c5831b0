import Foundation
import SeededRandom
import Testing
import TrackModel

@Suite("Numbers of BatchScanner") struct BatchScannerNumberTests {
    @Test("are bit-equal to strtod on random bits, random digits and the hard cases") func bitEqual() throws {
        var generator = SeededRandom(seed: 1)
        var texts = ["0", "-0", "0.0", "-0.0", "1e400", "-1e400", "1e-400", "5e-324", "2.4703282292062327e-324", "2.2250738585072011e-308",
                     "1.7976931348623157e308", "1.7976931348623159e308", "9007199254740993", "9007199254740992.5", "0.1", "123456789012345678901234567890",
                     "1.00000000000000011102230246251565404", "7.2057594037927933e16", "9223372036854775807", "18446744073709551616", "1E5", "1e+5", "0.000001"]
        for _ in 0..<20_000 {
            let value = Double(bitPattern: generator.next())
            if value.isFinite { texts.append("\(value)") }
            texts.append("\(Double(Int64(truncatingIfNeeded: generator.next()) >> 20) / 1e6)")
            let digits = generator.next(), exponent = Int(generator.next() % 660) - 340
            texts.append("\(digits)e\(exponent)")
            texts.append("\(digits % 1_000_000_007).\(generator.next() % 100_000_000)")
        }

        let body = #"{"columns":{"a":[\#(texts.joined(separator: ","))]}}"#
        let values = try BatchScanner.scan(Array(body.utf8)).batch.columns[0].values

        var wrong: [String] = []
        for (text, value) in zip(texts, values) where strtod(text, nil).bitPattern != value.bitPattern { wrong.append(text) }
        #expect(wrong.isEmpty && values.count == texts.count, "\(wrong.prefix(5))")
    }

    @Test("whole numbers keep all 64 bits") func integers() throws {
        let steps: [Int64] = [.min, .max, 0, -1, 1 << 53 + 1]
        let body = #"{"steps":[\#(steps.map(String.init).joined(separator: ",")),1e3,2.0],"columns":{"a":[1,1,1,1,1,1,1]}}"#

        #expect(try BatchScanner.scan(Array(body.utf8)).batch.steps == steps + [1000, 2])
    }
}
