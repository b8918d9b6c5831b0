extension RunFilter {
    /// Parses the filter language; an empty text keeps all runs.
    /// - Parameter now: Milliseconds since 1970, for times such as `7d`, which means seven days ago.
    /// - Throws: ``RunFilterError`` with the character where it fails.
    public init(_ text: String, now: Int64) throws {
        guard text.count <= 10_000 else { throw RunFilterError(position: 10_000, reason: "it is longer than 10000 characters") }
        var parser = FilterParser(tokens: try FilterLexer.tokens(text), now: now)
        self = try parser.whole()
    }
}

/// Recursive descent: or, and (also implied by standing side by side), not, comparison.
struct FilterParser {
    private let tokens: [FilterLexer.Token]
    private let now: Int64
    private var place = 0
    private var depth = 0

    init(tokens: [FilterLexer.Token], now: Int64) { (self.tokens, self.now) = (tokens, now) }

    private var token: FilterLexer.Token { tokens[place] }

    mutating func whole() throws -> RunFilter {
        if token.kind == .end { return .all([]) }
        let filter = try either()
        guard token.kind == .end else { throw failure("\(describe(token)) cannot stand here") }
        return filter
    }

    private mutating func either() throws -> RunFilter {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 50 else { throw failure("it is nested deeper than 50 levels") }
        var parts = [try both()]
        while take(word: "or") || take("||") { parts.append(try both()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func both() throws -> RunFilter {
        var parts = [try negation()]
        while true {
            if take(word: "and") || take("&&") { parts.append(try negation()); continue }
            if token.kind == .end || token.kind == .symbol(")") || isWord("or") || token.kind == .symbol("||") { break }
            parts.append(try negation())
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func negation() throws -> RunFilter {
        guard take(word: "not") || take("!") else { return try primary() }
        depth += 1
        defer { depth -= 1 }
        guard depth <= 50 else { throw failure("it is nested deeper than 50 levels") }
        return .not(try negation())
    }

    private mutating func primary() throws -> RunFilter {
        if take("(") {
            let inner = try either()
            guard take(")") else { throw failure("\")\" is missing before \(describe(token))") }
            return inner
        }
        if case .quoted(let text) = token.kind {
            place += 1
            guard isComparison else { return .text(text) }
            return try comparison(FilterKeys.key(text, isQuoted: true))
        }
        let start = place
        let key = try key()
        if !isComparison, case .word(let word) = tokens[start].kind, place == start + 1 { return .text(word) }
        return try comparison(key)
    }

    /// A key, or `best(val/acc)`.
    private mutating func key() throws -> RunFilter.Key {
        let start = token
        switch start.kind {
        case .word(let word):
            place += 1
            if token.kind == .symbol("("), token.isAttached, let aggregate = RunFilter.Aggregate(rawValue: word) { return try call(aggregate) }
            return FilterKeys.key(word, isQuoted: false)
        case .name(let name):
            place += 1
            return FilterKeys.key(name, isQuoted: true)
        default: throw failure("a name should be where \(describe(start)) is")
        }
    }

    private mutating func call(_ aggregate: RunFilter.Aggregate) throws -> RunFilter.Key {
        place += 1
        let metric: String
        switch token.kind {
        case .word(let name), .quoted(let name), .name(let name): metric = name
        default: throw failure("a metric should be where \(describe(token)) is")
        }
        place += 1
        guard take(")") else { throw failure("\")\" is missing before \(describe(token))") }
        return .summary(metric: metric, aggregate)
    }

    private var isComparison: Bool {
        if case .symbol(let symbol) = token.kind { return ["<", "<=", ">", ">=", "=", "==", "!=", "<>", "~", "!~", ":"].contains(symbol) }
        if isWord("not") { return isWord("in", at: place + 1) || isWord("like", at: place + 1) }
        return ["in", "like", "ilike", "is", "has", "contains"].contains { isWord($0) } && tokens[place + 1].kind != .end
    }

    private mutating func comparison(_ key: RunFilter.Key) throws -> RunFilter {
        if case .symbol(let symbol) = token.kind {
            place += 1
            switch symbol {
            case "~": return .matches(key, try pattern())
            case "!~": return .not(.matches(key, try pattern()))
            case ":": return try short(key)
            default: return .compare(key, FilterKeys.comparison(symbol), try value(for: key))
            }
        }
        if take(word: "not") {
            return .not(take(word: "in") ? .oneOf(key, try list(key)) : take(word: "like") ? .like(key, try text()) : try missingWord())
        }
        if take(word: "in") { return .oneOf(key, try list(key)) }
        if take(word: "like") || take(word: "ilike") { return .like(key, try text()) }
        if take(word: "has") || take(word: "contains") { return .compare(key, .equal, .text(try text())) }
        if take(word: "is") { return try isMissing(key) }
        throw failure("a comparison should be where \(describe(token)) is")
    }

    private func missingWord() throws -> RunFilter { throw failure("in or like should follow not") }

    /// `state:running`, `tag:baseline`, `lr:>0.1`, `model:vit*`.
    private mutating func short(_ key: RunFilter.Key) throws -> RunFilter {
        if case .symbol(let symbol) = token.kind, ["<", "<=", ">", ">=", "=", "!="].contains(symbol) {
            place += 1
            return .compare(key, FilterKeys.comparison(symbol), try value(for: key))
        }
        if case .word(let word) = token.kind, word.contains("*") {
            place += 1
            return .like(key, word.replacing("*", with: "%"))
        }
        return .compare(key, .equal, try value(for: key))
    }

    private mutating func isMissing(_ key: RunFilter.Key) throws -> RunFilter {
        let negated = take(word: "not")
        guard take(word: "missing") || take(word: "null") else { throw failure("missing should be where \(describe(token)) is") }
        return negated ? .not(.missing(key)) : .missing(key)
    }

    private mutating func list(_ key: RunFilter.Key) throws -> [RunFilter.Value] {
        let close = token.kind == .symbol("[") ? "]" : ")"
        guard take("(") || take("[") else { throw failure("\"(\" should be where \(describe(token)) is") }
        var values = [try value(for: key)]
        while take(",") { values.append(try value(for: key)) }
        guard take(close) else { throw failure("\"\(close)\" is missing before \(describe(token))") }
        return values
    }

    private mutating func pattern() throws -> String {
        let start = token, pattern = try text()
        guard pattern.count <= 200, (try? Regex(pattern)) != nil else {
            throw RunFilterError(position: start.position, reason: "\"\(pattern.prefix(80))\" is not a regular expression of at most 200 characters")
        }
        return pattern
    }

    private mutating func text() throws -> String {
        switch token.kind {
        case .word(let text), .quoted(let text), .name(let text):
            place += 1
            return text
        default: throw failure("a value should be where \(describe(token)) is")
        }
    }

    private mutating func value(for key: RunFilter.Key) throws -> RunFilter.Value {
        let start = token
        let isQuoted = if case .quoted = start.kind { true } else { false }
        let text = try text()
        do { return try FilterKeys.value(text, isQuoted: isQuoted, for: key, now: now) } catch let reason as FilterKeys.Refusal {
            throw RunFilterError(position: start.position, reason: reason.text)
        }
    }

    private mutating func take(_ symbol: String) -> Bool {
        guard token.kind == .symbol(symbol) else { return false }
        place += 1
        return true
    }

    private mutating func take(word: String) -> Bool {
        guard isWord(word) else { return false }
        place += 1
        return true
    }

    private func isWord(_ word: String, at index: Int? = nil) -> Bool {
        let index = index ?? place
        guard index < tokens.count, case .word(let found) = tokens[index].kind else { return false }
        return found.lowercased() == word
    }

    private func failure(_ reason: String) -> RunFilterError { RunFilterError(position: token.position, reason: reason) }

    private func describe(_ token: FilterLexer.Token) -> String {
        switch token.kind {
        case .word(let text), .name(let text): "\"\(text)\""
        case .quoted(let text): "the text \"\(text)\""
        case .symbol(let symbol): "\"\(symbol)\""
        case .end: "the end"
        }
    }
}
