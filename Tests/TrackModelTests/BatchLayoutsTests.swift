import Testing
@testable import TrackModel

@Suite("Layouts of batches") struct BatchLayoutsTests {
    private func batch(_ names: [String], rows: Int, sequence: UInt64 = 1, attempt: Int = 1, extras: BatchExtras = BatchExtras()) -> Batch {
        let columns = names.enumerated().map { place, name in Batch.Column(name: name, values: (0..<rows).map { Double(place * 100 + $0) }) }
        let steps = (0..<rows).map { Int64(sequence) * 1_000 + Int64($0) }
        return Batch(attempt: attempt, writer: "w", sequence: sequence, steps: steps, times: steps, columns: columns, extras: extras)
    }

    @Test("tell the same of a batch as reading it anew does, however batches follow each other") func same() throws {
        let layouts = BatchLayouts()
        var gaps = batch(["a", "b"], rows: 3)
        gaps.columns[1] = Batch.Column(name: "b", presence: [0b101], values: [1, 2])
        let batches = [
            batch(["a", "b"], rows: 3), batch(["a", "b"], rows: 3, sequence: 2, attempt: 7), batch(["a", "c"], rows: 3, sequence: 3),
            batch(["a", "b"], rows: 3, sequence: 4, extras: BatchExtras(config: ["lr": 0.1])), gaps, batch(["a", "b"], rows: 4, sequence: 5), batch([], rows: 0),
        ]

        for batch in batches + batches.reversed() {
            let bytes = BatchCodec.encode(batch), known = try layouts.batch(bytes), anew = try EncodedBatch(bytes)
            #expect(try known.decoded() == anew.decoded() && known.columns == anew.columns && known.hasExtras == anew.hasExtras)
        }
    }

    @Test("refuse what reading anew refuses, with the same words") func refusals() throws {
        let good = BatchCodec.encode(batch(["a", "b"], rows: 3)), layouts = BatchLayouts()
        _ = try layouts.batch(good)

        for place in 0..<56 {
            var bad = good
            bad[place] ^= 0xFF
            #expect(refusal { try layouts.batch(bad) } == refusal { try EncodedBatch(bad) }, "byte \(place)")
        }
        for length in [0, 1, 39, 40, 55, good.count - 1] {
            let short = Array(good.prefix(length))
            #expect(refusal { try layouts.batch(short) } == refusal { try EncodedBatch(short) }, "\(length) bytes")
        }
        #expect(refusal { try layouts.batch(good + [0]) } == refusal { try EncodedBatch(good + [0]) })
    }

    private func refusal(_ work: () throws -> EncodedBatch) -> String {
        do { return try "none, writer \(work().writer)" } catch { return "\(error)" }
    }
}

@Suite("JSON values from text") struct JSONValueTextTests {
    @Test("keep whole numbers whole and read nested values", arguments: [
        ("{\"lr\":0.5,\"layers\":[1,2,-3],\"on\":true,\"none\":null,\"name\":\"a\\u00e9\"}",
         ["lr": 0.5, "layers": [1, 2, -3], "on": true, "none": nil, "name": "aé"] as JSONValue),
        (" 9007199254740993 ", 9_007_199_254_740_993), ("{}", [:]),
    ] as [(String, JSONValue)])
    func reading(text: String, value: JSONValue) { #expect(JSONValue(text: text) == value) }

    @Test("refuse what is not JSON", arguments: ["", "{", "[1,]", "{} x", "{\"a\":}"]) func refusing(text: String) { #expect(JSONValue(text: text) == nil) }
}
