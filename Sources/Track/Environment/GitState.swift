import Foundation
import TrackModel

/// Which code a run ran: commit, branch and remote from git's own files, and the changes that are not committed from `git`, if it is there.
enum GitState {
    /// Bytes of changes that are kept at most.
    static let diffLimit = 128 << 10

    /// What is known of the work tree that holds `folder`; `nil` outside of one.
    /// - Parameter deadline: How long `git` may take for each of its two answers; without them `dirty` and `diff` are left out.
    static func read(from folder: String, withDiff: Bool, deadline: Duration = .seconds(1)) -> JSONValue? {
        guard let (root, git) = find(from: folder) else { return nil }
        var state: [String: JSONValue] = ["root": .string(root)]
        let common = firstLine(git + "/commondir").map { $0.hasPrefix("/") ? $0 : git + "/" + $0 } ?? git
        if let head = firstLine(git + "/HEAD") {
            if head.hasPrefix("ref: ") {
                let reference = String(head.dropFirst(5))
                state["branch"] = .string(reference.hasPrefix("refs/heads/") ? String(reference.dropFirst(11)) : reference)
                let commit = firstLine(git + "/" + reference) ?? firstLine(common + "/" + reference) ?? packed(reference, in: common)
                if let commit { state["commit"] = .string(commit) }
            } else {
                state["commit"] = .string(head)
            }
        }
        if let remote = remote(in: common + "/config") { state["remote"] = .string(Secrets.withoutCredentials(remote)) }
        readChanges(root, withDiff: withDiff, deadline, into: &state)
        return .object(state)
    }

    private static func readChanges(_ root: String, withDiff: Bool, _ deadline: Duration, into state: inout [String: JSONValue]) {
        func git(_ arguments: [String], limit: Int) -> Subprocess.Output? {
            Subprocess.run(["git", "-C", root, "-c", "core.fsmonitor=false"] + arguments, limit: limit, deadline: deadline)
        }
        guard let changed = git(["status", "--porcelain"], limit: 1), changed.succeeded || changed.isCut else { return }
        state["dirty"] = .bool(!changed.bytes.isEmpty)
        guard withDiff, !changed.bytes.isEmpty,
              let diff = git(["diff", "--no-color", "--no-ext-diff", "--no-textconv", "HEAD"], limit: diffLimit), diff.succeeded || diff.isCut,
              !diff.bytes.isEmpty else { return }
        state["diff"] = .string(String(decoding: diff.bytes, as: UTF8.self))
        if diff.isCut { state["diffCut"] = .bool(true) }
    }

    /// The work tree's root and its git folder, which a file names in linked work trees and submodules.
    private static func find(from folder: String) -> (root: String, git: String)? {
        var place = URL(fileURLWithPath: folder)
        while true {
            let git = place.path + (place.path == "/" ? ".git" : "/.git")
            if FileManager.default.fileExists(atPath: git + "/HEAD") { return (place.path, git) }
            if let line = firstLine(git), line.hasPrefix("gitdir: ") {
                let path = String(line.dropFirst(8))
                return (place.path, path.hasPrefix("/") ? path : place.path + "/" + path)
            }
            if place.path == "/" || place.path.isEmpty { return nil }
            place.deleteLastPathComponent()
        }
    }

    private static func packed(_ reference: String, in git: String) -> String? {
        let lines = (try? String(contentsOfFile: git + "/packed-refs", encoding: .utf8))?.split(separator: "\n") ?? []
        return lines.first { $0.hasSuffix(" " + reference) }.map { String($0.prefix { $0 != " " }) }
    }

    /// The address of `origin`, or of the first remote that has one.
    private static func remote(in path: String) -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        var section = "", found: [(section: String, url: String)] = []
        for line in text.split(separator: "\n") {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.hasPrefix("[") { section = line }
            guard section.hasPrefix("[remote "), let equals = line.firstIndex(of: "="),
                  line[..<equals].trimmingCharacters(in: .whitespaces) == "url" else { continue }
            found.append((section, line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces)))
        }
        return (found.first { $0.section == "[remote \"origin\"]" } ?? found.first)?.url
    }

    private static func firstLine(_ path: String) -> String? {
        (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n").first.map(String.init)
    }
}
