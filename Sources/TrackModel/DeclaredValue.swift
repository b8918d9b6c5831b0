/// A value of a running program that can be changed from outside while it runs: what it is now, and what it may become.
public struct DeclaredValue: Sendable, Equatable, Codable {
    public var name: String
    /// What it is now: a number, a word, true or false. The program's own doing may lie outside of the bounds.
    public var value: JSONValue
    /// The least number that it may become, and the greatest; both `nil` for a value with ``choices``.
    public var min: Double?
    public var max: Double?
    /// Whether it is a whole number; `nil` means no.
    public var integer: Bool?
    /// All that it may become; `nil` for a number with bounds.
    public var choices: [JSONValue]?

    /// A number that may become any within bounds.
    public init(_ name: String, value: Double, in range: ClosedRange<Double>) {
        (self.name, self.value) = (name, JSONValue.number(value).plain)
        (min, max) = (range.lowerBound, range.upperBound)
    }

    /// A whole number that may become any within bounds.
    public init(_ name: String, value: Int, in range: ClosedRange<Int>) {
        self.init(name, value: Double(value), in: Double(range.lowerBound)...Double(range.upperBound))
        integer = true
    }

    /// A value that may become one of these: numbers, words, or true and false.
    public init(_ name: String, value: JSONValue, of choices: [JSONValue]) {
        (self.name, self.value, self.choices) = (name, value.plain, choices.map(\.plain))
    }

    /// The most that a run declares.
    public static let most = 64

    /// Why the value may not become this; `nil` if it may.
    public func objection(to value: JSONValue) -> String? {
        if let choices { return choices.contains { $0.plain == value.plain } ? nil : "the program takes only " + choices.map(\.words).joined(separator: ", ") }
        guard let number = value.numberAsWritten else { return "it is not a number" }
        guard number.isFinite else { return "it is not a finite number" }
        if integer == true, number != number.rounded() { return "it is not a whole number" }
        if let min, number < min { return "it is below \(JSONValue.number(min).words), the least that the program takes" }
        if let max, number > max { return "it is above \(JSONValue.number(max).words), the greatest that the program takes" }
        return nil
    }

    /// Why this cannot be declared; `nil` if it can.
    public var flaw: String? {
        if name.isEmpty || name.utf8.count > 100 { return "its name has \(name.utf8.count) bytes; 1 to 100 are allowed" }
        if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) { return "its name holds a control character" }
        if !value.isPlain { return "its value is neither a number, nor a word of 200 bytes at most, nor true or false" }
        guard let choices else {
            guard let min, let max, min.isFinite, max.isFinite, min <= max else { return "it has neither choices nor finite bounds, the lower one first" }
            return value.doubleValue == nil ? "its value is not a number, and its bounds are" : nil
        }
        if min != nil || max != nil { return "it has bounds beside its choices" }
        if !(1...64).contains(choices.count) { return "it has \(choices.count) choices; 1 to 64 are allowed" }
        return choices.allSatisfy(\.isPlain) ? nil : "a choice is neither a number, nor a word of 200 bytes at most, nor true or false"
    }

    /// What is wrong with a program's list: a name, and why; `nil` if nothing is.
    public static func flaw(of list: [DeclaredValue]) -> (name: String, reason: String)? {
        if list.count > most { return ("\(list.count) values", "\(most) are the most that a run declares") }
        var names: Set<String> = []
        for declared in list {
            if let reason = declared.flaw { return (declared.name, reason) }
            if !names.insert(declared.name).inserted { return (declared.name, "it is declared twice") }
        }
        return nil
    }
}

extension JSONValue {
    /// Whole numbers as integers: as which they come back from JSON, where 1.0 is written 1.
    public var plain: JSONValue {
        guard case .number(let number) = self, abs(number) <= 0x1p53, let whole = Int64(exactly: number) else { return self }
        return .integer(whole)
    }

    /// The value in a sentence.
    public var words: String {
        switch plain {
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): value
        case .bool(let value): "\(value)"
        case .null, .array, .object: "—"
        }
    }

    /// A number; words for numbers do not count.
    fileprivate var numberAsWritten: Double? { if case .string = self { nil } else { doubleValue } }

    fileprivate var isPlain: Bool {
        switch self {
        case .bool, .integer, .number: true
        case .string(let word): word.utf8.count <= 200
        case .null, .array, .object: false
        }
    }
}
