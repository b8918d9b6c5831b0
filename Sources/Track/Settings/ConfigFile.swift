import Foundation

/// The few lines of `config.toml` that the client needs: `key = "text"` and `key = number`, with comments. Tables are passed over.
enum ConfigFile {
    /// The file's keys; empty when there is no file.
    static func load(_ path: String) -> [String: String] {
        guard let data = FileManager.default.contents(atPath: path) else { return [:] }
        return parse(String(decoding: data, as: UTF8.self))
    }

    static func parse(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        var isInTable = false
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.hasPrefix("[") { isInTable = true }
            guard !isInTable, !line.hasPrefix("#"), let equals = line.firstIndex(of: "=") else { continue }
            let key = line[..<equals].trimmingCharacters(in: .whitespaces)
            values[key] = value(line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces))
        }
        return values
    }

    private static func value(_ text: String) -> String {
        guard let quote = text.first, quote == "\"" || quote == "'" else {
            return text.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
        }
        var value = "", isEscaped = false
        for character in text.dropFirst() {
            if isEscaped { value.append(character == "n" ? "\n" : character == "t" ? "\t" : character); isEscaped = false }
            else if character == "\\" && quote == "\"" { isEscaped = true }
            else if character == quote { break }
            else { value.append(character) }
        }
        return value
    }

    /// Sets keys in the file's text, keeping everything else as it is.
    static func setting(_ changes: [(String, String)], in text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        for (key, value) in changes {
            let line = "\(key) = \"\(value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
            let table = lines.firstIndex { $0.trimmingCharacters(in: .whitespaces).hasPrefix("[") } ?? lines.count
            if let known = lines[..<table].firstIndex(where: { $0.split(separator: "=").first?.trimmingCharacters(in: .whitespaces) == key }) {
                lines[known] = line
            } else {
                lines.insert(line, at: table)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
