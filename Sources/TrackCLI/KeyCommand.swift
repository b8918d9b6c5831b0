import ArgumentParser
import Foundation
import TrackModel

/// `track key`
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Makes, lists and revokes API keys.",
        discussion: "Works on the data folder, whether or not a server runs on it.",
        subcommands: [Create.self, List.self, Revoke.self]
    )

    /// `track key create`
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a key and prints it; it is shown only once.")

        @OptionGroup var data: DataFolder
        @Option(help: "What the key is for.") var name = "key"
        @Option(help: "What it allows: read, write (and read), or admin (everything).") var scope = KeyScope.write
        @Option(help: ArgumentHelp("Days until it expires; never without it.", valueName: "days")) var days: Int?

        func validate() throws {
            if let days, !(1...36_500).contains(days) { throw ValidationError("--days is \(days); 1 … 36500 is allowed.") }
        }

        func run() async throws {
            let expiresAt = days.map { Int64(Date().timeIntervalSince1970 * 1_000) + Int64($0) * 86_400_000 }
            let key = try await KeyAdministration(folder: data.absolute).create(name: name, scope: scope, expiresAt: expiresAt)
            Output.line(key)
        }
    }

    /// `track key list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists keys by id; never the keys themselves.")

        @OptionGroup var data: DataFolder

        func run() async throws {
            let keys = try await KeyAdministration(folder: data.absolute).list()
            Output.line(KeyTable.text(keys))
        }
    }

    /// `track key revoke`
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ends a key and all sessions made with it.")

        @OptionGroup var data: DataFolder
        @Argument(help: "The key's id, as `track key list` tells it.") var id: String

        func run() async throws {
            try await KeyAdministration(folder: data.absolute).revoke(id)
            Output.line("Key \(id) is revoked.")
        }
    }
}

extension KeyScope: ExpressibleByArgument {}

/// Keys as a table for the terminal. Pure.
enum KeyTable {
    static func text(_ keys: [KeyRecord]) -> String {
        if keys.isEmpty { return "There are no keys. `track key create` makes one." }
        let rows = [["ID", "NAME", "SCOPE", "KEY", "CREATED", "EXPIRES", "LAST USED"]] + keys.map {
            [$0.id, $0.name, $0.scope.rawValue, $0.prefix + "…", day($0.createdAt), $0.expiresAt.map(day) ?? "never", $0.lastUsedAt.map(day) ?? "never"]
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }.joined(separator: "\n")
    }

    private static func day(_ time: Int64) -> String {
        Date(timeIntervalSince1970: Double(time) / 1_000).formatted(.iso8601.year().month().day())
    }
}
