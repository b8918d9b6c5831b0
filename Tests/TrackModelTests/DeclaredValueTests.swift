import Foundation
import Testing
import TrackModel

@Suite("Values that programs declare") struct DeclaredValueTests {
    private static let rate = DeclaredValue("learning_rate", value: 0.01, in: 1e-6...0.1)
    private static let size = DeclaredValue("batch", value: 32, in: 1...256)
    private static let words = DeclaredValue("sampler", value: "greedy", of: ["greedy", "nucleus", 3, true])

    @Test("may become what is within their bounds or among their choices, and nothing else", arguments: [
        (rate, JSONValue.string("0.01"), "it is not a number" as String?),
        (rate, .bool(true), "it is not a number"),
        (rate, .null, "it is not a number"),
        (rate, .array([0.01]), "it is not a number"),
        (rate, .number(.nan), "it is not a finite number"),
        (rate, .number(.infinity), "it is not a finite number"),
        (rate, .number(0.1.nextUp), "it is above 0.1, the greatest that the program takes"),
        (rate, .number(1e-6.nextDown), "it is below 1e-06, the least that the program takes"),
        (rate, .integer(1), "it is above 0.1, the greatest that the program takes"),
        (rate, .number(0.1), nil),
        (rate, .number(1e-6), nil),
        (size, .number(31.5), "it is not a whole number"),
        (size, .integer(0), "it is below 1, the least that the program takes"),
        (size, .integer(257), "it is above 256, the greatest that the program takes"),
        (size, .number(64), nil),
        (size, .integer(256), nil),
        (words, "beam", "the program takes only greedy, nucleus, 3, true"),
        (words, "3", "the program takes only greedy, nucleus, 3, true"),
        (words, .bool(false), "the program takes only greedy, nucleus, 3, true"),
        (words, .number(3), nil),
        (words, .bool(true), nil),
        (words, "nucleus", nil),
    ])
    func objections(_ declared: DeclaredValue, _ value: JSONValue, _ reason: String?) {
        #expect(declared.objection(to: value) == reason)
    }

    @Test("are refused where they make no sense") func flaws() {
        func changed(_ value: DeclaredValue, _ change: (inout DeclaredValue) -> Void) -> DeclaredValue {
            var value = value
            change(&value)
            return value
        }
        let table: [(DeclaredValue, String?)] = [
            (changed(Self.rate) { $0.name = "" }, "its name has 0 bytes; 1 to 100 are allowed"),
            (changed(Self.rate) { $0.name = String(repeating: "é", count: 51) }, "its name has 102 bytes; 1 to 100 are allowed"),
            (changed(Self.rate) { $0.name = "a\nb" }, "its name holds a control character"),
            (changed(Self.rate) { $0.max = nil }, "it has neither choices nor finite bounds, the lower one first"),
            (changed(Self.rate) { $0.max = .infinity }, "it has neither choices nor finite bounds, the lower one first"),
            (changed(Self.rate) { $0.min = 1 }, "it has neither choices nor finite bounds, the lower one first"),
            (changed(Self.rate) { $0.value = "fast" }, "its value is not a number, and its bounds are"),
            (changed(Self.rate) { $0.value = [1] }, "its value is neither a number, nor a word of 200 bytes at most, nor true or false"),
            (changed(Self.words) { $0.choices = [] }, "it has 0 choices; 1 to 64 are allowed"),
            (changed(Self.words) { $0.choices = [["a"]] }, "a choice is neither a number, nor a word of 200 bytes at most, nor true or false"),
            (changed(Self.words) { $0.min = 0 }, "it has bounds beside its choices"),
            (changed(Self.rate) { $0.value = .number(.nan) }, nil),
            (changed(Self.rate) { $0.value = 7 }, nil),
            (Self.size, nil), (Self.words, nil),
        ]
        for (declared, reason) in table { #expect(declared.flaw == reason, "\(declared)") }

        #expect(DeclaredValue.flaw(of: [Self.rate, Self.size, Self.rate])?.reason == "it is declared twice")
        #expect(DeclaredValue.flaw(of: (0...64).map { DeclaredValue("v\($0)", value: 0, in: 0...1) })?.reason == "64 are the most that a run declares")
        #expect(DeclaredValue.flaw(of: [Self.rate, Self.size, Self.words]) == nil)
    }

    @Test("come back from JSON as they were") func json() throws {
        let values = [Self.rate, Self.size, Self.words, DeclaredValue("gain", value: 2.0, in: 0...1e300), DeclaredValue("bad", value: .nan, in: -1...1)]

        let text = try JSONEncoder().encode(values), back = try JSONDecoder().decode([DeclaredValue].self, from: text)

        #expect(Array(back.prefix(4)) == Array(values.prefix(4)) && back[4].value == "NaN" && back.allSatisfy { $0.flaw == nil })
    }

    @Test("programs that were built before them read a run's answers as ever") func earlier() throws {
        let run = RunID("ab2cd34e")!
        let commands = [CommandRecord(id: 1, run: run, kind: .stop, askedAt: 0), CommandRecord(id: 2, run: run, kind: .set, askedAt: 0, name: "learning_rate", value: 0.1)]
        let answer = BatchAcknowledgement(run: run, writer: "w", sequence: 1, rows: 1, points: 1, duplicate: false, commands: commands.orders, changes: commands.changes)

        let old = try JSONDecoder().decode(EarlierAnswer.self, from: JSONEncoder().encode(answer))

        #expect(old.commands?.map(\.kind) == [.stop] && answer.changes?.map(\.id) == [2])
        #expect([CommandRecord]().orders == nil && [commands[0]].changes == nil)
    }

    /// What a client reads that knows stops and checkpoints only.
    private struct EarlierAnswer: Decodable {
        enum Kind: String, Decodable { case stop, checkpoint }
        struct Command: Decodable { var id: Int64, kind: Kind }
        var sequence: UInt64
        var commands: [Command]?
    }
}
