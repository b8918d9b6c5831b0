import GRDB

/// `-summary.loss.min,name` as SQL: every key is a run's field, a config key or a metric's summary.
struct RunsSort {
    var sql = ""
    var joins = ""
    var arguments: [String: (any DatabaseValueConvertible)?] = [:]

    /// Fields that every run has: their index gives the order as it is.
    private static let complete: Set = ["name", "createdAt", "startedAt", "state", "number", "rows", "points", "heartbeatAt", "id", "duration"]

    /// - Throws: ``StoreError/invalidParameter(name:value:reason:)`` that names the key.
    init(_ text: String, project: Int64, _ db: Database) throws {
        var terms: [String] = [], keys = RunKeys(project: project, parameter: "sort", db)
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let item = item.trimmingPrefix(while: \.isWhitespace)
            let descending = item.hasPrefix("-"), key = String(item.drop { $0 == "-" || $0 == "+" })
            for expression in try keys.expression(key)?.all ?? [] {
                if !Self.complete.contains(key) { terms.append("\(expression) IS NULL") }       // what is missing comes last, in both directions
                terms.append(expression + (key == "name" ? " COLLATE NOCASE" : "") + (descending ? " DESC" : ""))
            }
        }
        (joins, arguments) = (keys.joins, keys.arguments)
        let newest = text.hasPrefix("-") ? " DESC" : ""
        sql = (terms + ["run.id" + newest]).joined(separator: ", ")
    }
}

/// `val/acc.max` taken apart: metric and aggregate; the last value where no aggregate is named.
struct SummaryPath {
    var metric: String
    var aggregate = "last"

    static let aggregates = ["last", "min", "max", "mean", "count", "nan", "firstStep", "lastStep"]

    init(_ path: String) {
        let dot = path.lastIndex(of: ".")
        if let dot, Self.aggregates.contains(String(path[path.index(after: dot)...])) {
            (metric, aggregate) = (String(path[..<dot]), String(path[path.index(after: dot)...]))
        } else {
            metric = path
        }
    }

    /// The SQL of the aggregate in table `alias` of metrics; NULL where there is nothing.
    func column(of alias: String) -> String {
        let finite = "(\(alias).count - \(alias).nan - \(alias).positive_infinity - \(alias).negative_infinity)"
        let column = switch aggregate {
        case "mean": "\(alias).sum / NULLIF(\(finite), 0)"
        case "firstStep": "\(alias).first_step"
        case "lastStep": "\(alias).last_step"
        default: "\(alias).\(aggregate)"
        }
        return "(CASE WHEN \(alias).count > 0 THEN \(column) END)"
    }
}
