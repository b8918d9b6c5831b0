/// Cuts a filter into tokens.
struct FilterLexer {
    enum Kind: Equatable {
        /// A name or bare value: `config.lr`, `val/acc`, `1e-3`, `adamw`, `2026-11-21`.
        case word(String)
        case quoted(String)
        /// In backticks: a name whatever its characters.
        case name(String)
        case symbol(String)
        case end
    }

    struct Token: Equatable {
        var kind: Kind
        var position: Int
        /// No space stands between it and the token before.
        var isAttached: Bool
    }

    static func tokens(_ text: String) throws -> [Token] {
        var lexer = FilterLexer(characters: Array(text))
        var tokens: [Token] = []
        repeat { tokens.append(try lexer.next()) } while tokens.last!.kind != .end
        return tokens
    }

    private let characters: [Character]
    private var position = 0

    private init(characters: [Character]) { self.characters = characters }

    private mutating func next() throws -> Token {
        let before = position
        while position < characters.count, characters[position].isWhitespace { position += 1 }
        let start = position, isAttached = start == before && start > 0
        guard start < characters.count else { return Token(kind: .end, position: start, isAttached: isAttached) }
        return Token(kind: try kind(at: start), position: start, isAttached: isAttached)
    }

    private mutating func kind(at start: Int) throws -> Kind {
        let first = characters[start]
        if first == "\"" || first == "'" { return .quoted(try quoted(first)) }
        if first == "`" {
            let name = try quoted("`")
            if position < characters.count, characters[position] == "." { return .name(name + word()) }
            return .name(name)
        }
        for symbol in ["<=", ">=", "!=", "<>", "==", "&&", "||", "!~", "(", ")", ",", "=", "<", ">", "~", ":", "!", "[", "]"]
        where characters[start...].starts(with: symbol) {
            position += symbol.count
            return .symbol(symbol)
        }
        guard Self.isWordCharacter(first) else { throw RunFilterError(position: start, reason: "\"\(first)\" is not part of the language") }
        let word = word()
        if word.hasSuffix("."), position < characters.count, characters[position] == "`" || characters[position] == "\"" {
            let rest = try quoted(characters[position])
            let tail = position < characters.count && characters[position] == "." ? self.word() : ""
            return .name(word + rest + tail)                        // config.`odd key`, metrics."val/acc".min
        }
        return .word(word)
    }

    private static func isWordCharacter(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "_./-+%*@#$".contains(character) || !character.isASCII && !character.isWhitespace
    }

    /// A time such as 2026-11-21T10:00:00 holds colons; elsewhere a colon separates key and value.
    private mutating func word() -> String {
        let start = position
        while position < characters.count {
            let isTimeColon = characters[position] == ":" && position > start + 10 && characters[start].isNumber && characters[(start + 1)..<position].contains("T")
            guard Self.isWordCharacter(characters[position]) || isTimeColon else { break }
            position += 1
        }
        return String(characters[start..<position])
    }

    private mutating func quoted(_ quote: Character) throws -> String {
        let start = position
        var text = ""
        position += 1
        while position < characters.count, characters[position] != quote {
            if characters[position] == "\\", quote != "`", position + 1 < characters.count, characters[position + 1] == quote || characters[position + 1] == "\\" { position += 1 }
            text.append(characters[position])
            position += 1
        }
        guard position < characters.count else { throw RunFilterError(position: start, reason: "the quote \(quote) is never closed") }
        position += 1
        return text
    }
}
