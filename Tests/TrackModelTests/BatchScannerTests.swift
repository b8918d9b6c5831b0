import Foundation
import SeededRandom
import Testing
import TrackModel

@Suite("BatchScanner") struct BatchScannerTests {
    @Test("says at which byte and why a body is refused", arguments: [
        ("", 0, "it ends where an object should be"),
        ("[]", 0, "an object should be where \"[\" is"),
        ("{", 1, "it ends where a string should be"),
        (#"{"rows":[{"step":1,"values":{"a":}}]}"#, 33, "a number should be where \"}\" is"),
        (#"{"rows":[{"step":1,"values":{"a":"one"}}]}"#, 33, "a value is the text \"one\"; numbers, null and the words NaN, Infinity and -Infinity are allowed"),
        (#"{"rows":[{"step":1,"values":{"a":[1]}}]}"#, 33, "a value is an array; a metric's value is one number"),
        (#"{"rows":[{"step":1.5}]}"#, 17, "a step is not a whole number of 64 bits"),
        (#"{"rows":[{"step":9223372036854775808}]}"#, 17, "a step is not a whole number of 64 bits"),
        (#"{"rows":[{"stop":1}]}"#, 11, "\"stop\" is not a part of a row; known are step, time and values"),
        (#"{"rows":[{"step":1},{}]}"#, 20, "row 1 has no step, unlike those before it; give all rows a step, or none"),
        (#"{"rows":[{"step":01}]}"#, 17, "a number begins with a needless 0"),
        (#"{"rows":[{"values":{"":1}}]}"#, 21, "a metric's name is empty"),
        (#"{"steps":[1,2],"columns":{"a":[1]}}"#, 16, "column \"a\" has 1 values for 2 steps"),
        (#"{"steps":[1],"columns":{"a":[1]},"times":[1,2]}"#, 14, "2 times are given for 1 rows"),
        (#"{"rows":[],"columns":{}}"#, 12, "a batch has \"rows\" or \"steps\" and \"columns\", not both"),
        (#"{"writer":"w","rows":[]}"#, 0, "writer is given without sequence; give both or neither"),
        (#"{"writer":"","sequence":1}"#, 2, "writer has 0 bytes, 1 … 64 are allowed"),
        (#"{"writer":"w","sequence":0}"#, 15, "sequence is 0, allowed is 1 … 9223372036854775807"),
        (#"{"config":3}"#, 2, "\"config\" is not an object"),
        (#"{"logs":[{"time":1}]}"#, 2, "\"logs\": \"stream\" is missing at \"[0]\""),
        (#"{"rows":[]} x"#, 12, "the end should be where \"x\" is"),
        (#"{"rows":[]"#, 10, "it ends where \",\" or \"}\" should be"),
        (#"{"rows":[{"values":{"a\q":1}}]}"#, 22, "\"\\q\" is not an escape of JSON"),
        (#"{"rows":[{"values":{"\ud800":1}}]}"#, 21, "half a surrogate pair stands alone"),
    ])
    func refusals(body: String, offset: Int, reason: String) {
        #expect(performing: { try BatchScanner.scan(Array(body.utf8)) }, throws: { error in
            let error = error as? BatchJSONError
            let same = error?.offset == offset && error?.reason == reason
            if !same { print(body, error as Any) }
            return same
        })
    }

    @Test("refuses deep nesting and text that is not UTF-8") func hostile() throws {
        let deep = Array((String(repeating: #"{"a":"#, count: 50)).utf8)
        #expect(throws: BatchJSONError.self) { try BatchScanner.scan(Array(#"{"rows":[{"values":"#.utf8) + deep) }
        #expect(throws: BatchJSONError.self) { try BatchScanner.scan(Array(#"{"config":"#.utf8) + Array(String(repeating: "[", count: 100_000).utf8)) }
        #expect(throws: BatchJSONError.self) { try BatchScanner.scan(Array(#"{"rows":[{"values":{""#.utf8) + [0xFF, 0xFE] + Array(#"":1}}]}"#.utf8)) }
    }

    @Test("reads rows with gaps, paths, words and literals") func rows() throws {
        let scanned = try scan(#"""
            {"writer":"w1","sequence":7,"attempt":2,"rows":[
              {"step":5,"time":11,"values":{"loss":0.5,"train":{"acc":1,"deep":{"x":-2e3}}}},
              {"step":-6,"time":12,"values":{"loss":"NaN","val/acc":null}},
              {"step":7,"time":13,"values":{"b":true,"loss":-Infinity,"é\n":NaN}}]}
            """#)

        #expect(scanned.hasWriterAndSequence && scanned.hasAttempt && !scanned.missingSteps)
        let batch = scanned.batch
        #expect(batch.attempt == 2 && batch.writer == "w1" && batch.sequence == 7)
        #expect(batch.steps == [5, -6, 7] && batch.times == [11, 12, 13])
        #expect(batch.columns == [
            .init(name: "loss", values: [0.5, .nan, -.infinity]),
            .init(name: "train/acc", presence: [1], values: [1]),
            .init(name: "train/deep/x", presence: [1], values: [-2000]),
            .init(name: "b", presence: [4], values: [1]),
            .init(name: "é\n", presence: [4], values: [.nan]),
        ])
    }

    @Test("reads columns, and fills in what is missing") func columns() throws {
        let scanned = try BatchScanner.scan(Array(#"{"columns":{"a":[1,null,3],"b":{"c":[null,"Infinity",2]}}}"#.utf8), now: 9)

        #expect(scanned.missingSteps && !scanned.hasWriterAndSequence)
        #expect(scanned.batch.steps == [0, 1, 2] && scanned.batch.times == [9, 9, 9])
        #expect(scanned.batch.columns == [.init(name: "a", presence: [0b101], values: [1, 3]), .init(name: "b/c", presence: [0b110], values: [.infinity, 2])])
    }

    @Test("presence bits agree with one optional value a row, over word borders") func presence() throws {
        var generator = SeededRandom(seed: 3)
        for rows in [1, 63, 64, 65, 128, 200] {
            let values = (0..<rows).map { _ in generator.next() % 3 == 0 ? nil : Double(generator.next() % 100) }
            let text = values.map { $0.map { "\($0)" } ?? "null" }
            let asRows = text.enumerated().map { #"{"step":\#($0),"time":0,"values":{"k":1,"a":\#($1)}}"# }.joined(separator: ",")
            let expected = Batch.Column(name: "a", optional: values)

            #expect(try scan(#"{"rows":[\#(asRows)]}"#).batch.columns.first { $0.name == "a" } ?? Batch.Column(name: "a", optional: values) == expected)
            #expect(try scan(#"{"columns":{"a":[\#(text.joined(separator: ","))]}}"#).batch.columns[0] == expected)
        }
    }

    @Test("carries the less frequent parts") func extras() throws {
        let scanned = try scan(#"""
            {"config":{"lr":1e-3,"n":3,"x":NaN},"summary":{"best":0.9},"definitions":[{"metric":"val/*","goal":"minimize"}],
             "histograms":[{"name":"w","step":1,"time":2,"edges":[0,1],"counts":[4],"min":0,"max":"Infinity","sum":2,"count":4,"nan":0}],
             "logs":[{"time":1,"stream":"stdout","text":"hi"}],"events":[{"time":1,"kind":"note","title":"t"}]}
            """#)

        let extras = scanned.batch.extras
        guard case .number(let x)? = extras.config?["x"] else { Issue.record("x is not a number"); return }
        #expect(x.isNaN && extras.config?["n"] == .integer(3) && extras.summary == ["best": 0.9])
        #expect(extras.histograms?[0].max == .infinity && extras.logs?[0].text == "hi" && extras.events?[0].title == "t")
        #expect(extras.definitions?[0].goal == .minimize && scanned.batch.columns.isEmpty)
    }

    private func scan(_ text: String) throws -> ScannedBatch { try BatchScanner.scan(Array(text.utf8)) }
}

/// A small seeded generator, so that failures repeat. Source: Steele, Lea, Flood, *Fast Splittable Pseudorandom Number Generators* (2014).
