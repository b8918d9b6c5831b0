import TrackModel

/// Rows of typed cells to log: predictions beside truths, a confusion matrix, hyperparameters tried.
///
/// ```swift
/// var table = Table(columns: ["id", "guess", "truth", "p"])
/// table.append(1, "cat", "cat", 0.93)
/// table.append(2, "dog", nil, 0.51)
/// track.log(table: table, name: "predictions", step: 100)
/// ```
/// Its form is drawn in `docs/formats/table.md`.
public struct Table: Sendable {
    /// What all cells of a column are, empty ones apart.
    public enum ColumnType: String, Sendable { case integer, number, string, boolean, mixed }

    public let columns: [String]
    /// As many cells in each as there are columns; `.null` for empty ones.
    public private(set) var rows: [[JSONValue]] = []

    public init(columns: [String]) { self.columns = columns }

    /// - Parameter rows: Numbers, words, Booleans; shorter rows are filled up with empty cells, longer ones cut.
    public init(columns: [String], rows: [[(any ConfigValue)?]]) {
        self.columns = columns
        for row in rows { append(row) }
    }

    /// Adds a row.
    public mutating func append(_ cells: (any ConfigValue)?...) { append(cells) }

    /// Adds a row.
    public mutating func append(_ cells: [(any ConfigValue)?]) {
        let given = cells.prefix(columns.count).map { $0?.jsonValue ?? .null }
        rows.append(given + Array(repeating: .null, count: columns.count - given.count))
    }

    /// The types of the columns, found from their cells. O(cells).
    public var columnTypes: [ColumnType] {
        columns.indices.map { column in
            var found: ColumnType?
            for row in rows {
                guard let type = Self.type(of: row[column]) else { continue }
                found = Self.common(found ?? type, type)
                if found == .mixed { break }
            }
            return found ?? .mixed
        }
    }

    private static func type(of cell: JSONValue) -> ColumnType? {
        switch cell {
        case .null: nil
        case .bool: .boolean
        case .integer: .integer
        case .number: .number
        case .string: .string
        case .array, .object: .mixed
        }
    }

    private static func common(_ one: ColumnType, _ other: ColumnType) -> ColumnType {
        if one == other { return one }
        return [one, other].allSatisfy { $0 == .integer || $0 == .number } ? .number : .mixed
    }

    /// The file's bytes.
    var encoded: [UInt8] {
        let described = zip(columns, columnTypes).map { JSONValue.object(["name": .string($0), "type": .string($1.rawValue)]) }
        return encode(JSONValue.object(["version": 1, "columns": .array(described), "rows": .array(rows.map { .array($0) })]))
    }
}
