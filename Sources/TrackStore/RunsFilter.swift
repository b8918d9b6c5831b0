import GRDB

/// The filter language as SQL.
struct RunsFilter {
    var sql = "TRUE"
    var arguments: [String: (any DatabaseValueConvertible)?] = [:]

    init(_ text: String?, project: Int64, _ db: Database) throws {
        guard let text, text.contains(where: { !$0.isWhitespace }) else { return }
        throw StoreError.invalidFilter(text: text, position: 0, reason: "filters are not read yet")
    }
}
