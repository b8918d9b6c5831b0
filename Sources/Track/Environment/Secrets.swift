import Foundation

/// Keeps secrets out of what is recorded: passwords and keys in arguments, in addresses, and in the values of variables.
enum Secrets {
    static let mask = "***"
    private static let words = ["password", "passwd", "secret", "token", "apikey", "api_key", "api-key", "credential", "private_key", "private-key", "authorization"]

    /// A command line whose secrets are masked: `--token x`, `--token=x`, `TOKEN=x`, addresses with passwords, and words that look like keys.
    static func masked(arguments: [String]) -> [String] {
        var isSecretNext = false
        return arguments.map { argument in
            defer { isSecretNext = argument.hasPrefix("-") && !argument.contains("=") && isSecret(name: argument) }
            if isSecretNext, !argument.hasPrefix("-") { return mask }
            if let equals = argument.firstIndex(of: "="), isSecret(name: String(argument[..<equals])) { return argument[...equals] + mask }
            return masked(value: argument)
        }
    }

    /// Whether what such a name holds is not for others.
    static func isSecret(name: String) -> Bool {
        let name = name.lowercased()
        return words.contains { name.contains($0) } || name.hasSuffix("_key") || name.hasSuffix("-key") || name == "--key"
    }

    /// A value without passwords in addresses, masked whole if it looks like a key of a known kind.
    static func masked(value: String) -> String {
        let prefixes = ["trk-", "sk-", "ghp_", "gho_", "github_pat_", "glpat-", "hf_", "xoxb-", "xoxp-", "AKIA"]
        if value.utf8.count >= 16, prefixes.contains(where: value.hasPrefix) { return mask }
        return withoutCredentials(value)
    }

    /// `https://user:password@host/path` without what stands before the `@`; anything else as it is.
    static func withoutCredentials(_ text: String) -> String {
        guard let scheme = text.range(of: "://") else { return text }
        let rest = text[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@") else { return text }
        return String(text[..<scheme.upperBound] + rest[rest.index(after: at)...])
    }
}
