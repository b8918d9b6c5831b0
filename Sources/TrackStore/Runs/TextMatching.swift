import Foundation
import GRDB
import Synchronization

/// `track_matches(pattern, text)`: a regular expression in SQL. Each text gets a bounded number of steps, so that no pattern stalls the server.
enum TextMatching {
    static let function = DatabaseFunction("track_matches", argumentCount: 2, pure: true) { values in
        guard let pattern = String.fromDatabaseValue(values[0]), let text = String.fromDatabaseValue(values[1]) else { return nil }
        guard let expression = cached(pattern) else { return false }
        return matches(expression, String(text.prefix(10_000)))
    }

    private static let cache = Mutex<[String: NSRegularExpression]>([:])

    private static func cached(_ pattern: String) -> NSRegularExpression? {
        if let known = cache.withLock({ $0[pattern] }) { return known }
        guard let made = try? NSRegularExpression(pattern: pattern) else { return nil }
        cache.withLock { cache in
            if cache.count > 100 { cache = [:] }
            cache[pattern] = made
        }
        return made
    }

    /// Gives up as "no match" after some ten milliseconds of backtracking.
    private static func matches(_ expression: NSRegularExpression, _ text: String) -> Bool {
        var found = false
        let start = DispatchTime.now().uptimeNanoseconds
        expression.enumerateMatches(in: text, options: [.reportProgress], range: NSRange(text.startIndex..., in: text)) { result, flags, stop in
            if result != nil { found = true }
            if found || DispatchTime.now().uptimeNanoseconds - start > 10_000_000 { stop.pointee = true }
        }
        return found
    }
}
