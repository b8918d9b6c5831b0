extension HTTPDate {
    /// The two obsolete forms, which servers must read and never write: `Sunday, 06-Nov-94 08:49:37 GMT` and
    /// `Sun Nov  6 08:49:37 1994` (RFC 9110 §5.6.7).
    static func parseObsolete(_ text: String) -> Int? {
        let parts = text.split { $0 == " " || $0 == "-" }.map(String.init)
        if parts.count == 6, parts[0].hasSuffix(","), parts[5] == "GMT", let short = Int(parts[3]), (0..<100).contains(short) {
            // Two digits mean the century in which the date is not more than about 50 years ahead.
            return seconds(day: parts[1], month: parts[2], year: short < 70 ? 2000 + short : 1900 + short, clock: parts[4])
        }
        guard parts.count == 5, let year = Int(parts[4]) else { return nil }
        return seconds(day: parts[2], month: parts[1], year: year, clock: parts[3])
    }
}
