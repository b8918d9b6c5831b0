public import Tensors

/// Predictions as the file that a contest or another program asks for: columns with a header, as CSV or JSON.
public struct Submission: Sendable, Equatable {
    /// The header.
    public let columns: [String]
    /// One text for each column.
    public private(set) var rows: [[String]] = []
    /// Which columns are numbers; JSON shows them without quotes.
    private var numeric: [Bool]

    /// An empty table.
    /// - Precondition: At least one column.
    public init(columns: [String]) {
        precondition(!columns.isEmpty, "Submission: at least one column is needed")
        (self.columns, numeric) = (columns, Array(repeating: true, count: columns.count))
    }

    /// One row for each sample: its id and the class with the greatest score.
    /// - Parameters:
    ///   - predictions: `[samples, classes]`, as ``Learner/predictions(for:)`` gives them.
    ///   - names: Class names to write instead of numbers.
    public init(ids: [String], predictions: Tensor, columns: (id: String, answer: String) = ("id", "label"), names: Vocabulary<String>? = nil) {
        precondition(
            predictions.shape.count == 2 && predictions.shape[0] == ids.count,
            "Submission: \(ids.count) ids for predictions of shape \(predictions.shape); [\(ids.count), classes] is needed")
        self.init(columns: [columns.id, columns.answer])
        for (id, label) in zip(ids, predictions.argmax().labels) { append([id, names.map { $0[label] } ?? "\(label)"]) }
    }

    /// Adds a row; numbers are given as text.
    /// - Precondition: One value for each column.
    public mutating func append(_ row: [String]) {
        precondition(row.count == columns.count, "Submission: a row of \(row.count) values for \(columns.count) columns \(columns)")
        for place in row.indices where numeric[place] { numeric[place] = Double(row[place])?.isFinite == true && !row[place].contains("x") }
        rows.append(row)
    }

    /// Comma-separated values as RFC 4180 has them, each line ending in a newline.
    public var csv: String { ([columns] + rows).map { $0.map(Self.quoted).joined(separator: ",") + "\n" }.joined() }

    /// An array with an object for each row, keys in the columns' order.
    public var json: String {
        let objects = rows.map { row in
            let pairs = row.indices.map { "\(Self.literal(columns[$0])): \(numeric[$0] ? Self.number(row[$0]) : Self.literal(row[$0]))" }
            return "  {" + pairs.joined(separator: ", ") + "}"
        }
        return "[\n" + objects.joined(separator: ",\n") + "\n]\n"
    }

    /// Writes CSV, or JSON if the path ends so, whole or not at all.
    /// - Throws: ``ModelFileError/cannotWrite(path:reason:)``
    public func write(to path: String) throws { try writeText(path.hasSuffix(".json") ? json : csv, to: path) }

    private static func quoted(_ field: String) -> String {
        guard field.contains(where: { ",\"\r\n".contains($0) || $0.isNewline }) else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }

    /// JSON has no leading zeros, plus signs or bare points: ids such as 007 stay text.
    private static func number(_ text: String) -> String {
        let digits = text.drop { $0 == "-" }
        let isPlain = digits.first?.isNumber == true && (digits.first != "0" || digits.dropFirst().first?.isNumber != true) && text.last?.isNumber == true
        return isPlain ? text : literal(text)
    }

    private static func literal(_ text: String) -> String {
        "\"" + text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case _ where scalar.value < 0x20: "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }.joined() + "\""
    }
}
