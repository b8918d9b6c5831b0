import Foundation
import Testing

/// Who may import whom. The drawing in `docs/architecture.md` says the same in prose.
private let allowed: [String: Set<String>] = [
    "TrackModel": [],
    "TrackSeries": ["TrackModel", "CZlib"],
    "TrackHealth": ["TrackModel", "TrackSeries"],
    "Track": ["TrackModel", "CCurl", "CZlib"],
    "HTTPSockets": ["CEpoll", "CZlib"],
    "TrackStore": ["TrackModel", "TrackSeries", "GRDB", "GRDBSQLite", "Crypto"],
    "TrackServer": ["TrackModel", "TrackSeries", "TrackHealth", "TrackStore", "HTTPSockets", "Crypto"],
    "CKernels": [],
    "Tensors": ["CKernels"],
    "Layers": ["Tensors", "CKernels"],
    "Training": ["Layers", "Tensors", "CKernels"],
    "TrackTraining": ["Track", "TrackModel", "Training", "Layers", "Tensors"],
    "TrackTesting": ["TrackServer", "TrackStore", "TrackSeries", "TrackModel", "HTTPSockets", "Track"],
    "TrackCLI": ["Track", "TrackServer", "TrackStore", "TrackSeries", "TrackModel", "HTTPSockets", "ArgumentParser"],
]
private let system: Set<String> = ["Foundation", "FoundationEssentials", "FoundationNetworking", "Dispatch", "Synchronization", "Glibc", "Darwin", "Musl", "Accelerate", "Swift"]
private let systemLibraries: Set<String> = ["CEpoll", "CCurl", "CZlib"]

@Suite("The architecture") struct ImportTests {
    @Test("every folder of Sources has a place in the table, and the table names no other") func folders() throws {
        let folders = Set(try Project.folders(below: "Sources"))

        #expect(folders.subtracting(systemLibraries) == Set(allowed.keys))
    }

    @Test("sources import only what their target may use", arguments: allowed.keys.sorted())
    func imports(target: String) throws {
        for file in Project.files(below: "Sources/\(target)", ending: ".swift") {
            let imported = importedModules(in: try Project.text(file))
            let forbidden = imported.subtracting(system).subtracting(allowed[target]!)
            #expect(forbidden.isEmpty, "\(file) imports \(forbidden.sorted().joined(separator: ", "))")
        }
    }

    @Test("Package.swift declares no dependency beyond the table but our own modules below", arguments: allowed.keys.sorted())
    func declared(target: String) throws {
        let declared = try declaredDependencies(of: target), below = reached(from: target).intersection(allowed.keys)

        #expect(declared.subtracting(allowed[target]!).subtracting(below).isEmpty, "\(target) declares \(declared.sorted())")
    }

    @Test("Package.swift declares what a target imports and every module below: what is not named may change without its being built again", arguments: allowed.keys.sorted())
    func complete(target: String) throws { try expectComplete(target, in: "Sources/\(target)") }

    @Test("and so it does for the tests") func completeTests() throws {
        let targets = try Project.folders(below: "Tests").filter { $0.hasSuffix("Tests") }
        #expect(targets.count > 10)
        for target in targets { try expectComplete(target, in: "Tests/\(target)") }
    }

    private func expectComplete(_ target: String, in folder: String) throws {
        let declared = try declaredDependencies(of: target)
        var needed: Set<String> = []
        for file in Project.files(below: folder, ending: ".swift") { needed.formUnion(importedModules(in: try Project.text(file))) }
        for module in declared where allowed[module] != nil { needed.formUnion(try declaredDependencies(of: module)) }
        let missing = needed.intersection(allowed.keys).subtracting(declared)

        #expect(missing.isEmpty, "\(target) does not declare \(missing.sorted())")
    }

    @Test("the client's product reaches neither database, server nor trainer") func clientStaysSmall() throws {
        #expect(reached(from: "Track") == ["Track", "TrackModel", "CCurl", "CZlib"])
    }
}

/// The target and all that it may use, and what that may use.
private func reached(from target: String) -> Set<String> {
    var reached: Set<String> = [], waiting = [target]
    while let next = waiting.popLast() {
        if reached.insert(next).inserted { waiting += allowed[next] ?? [] }
    }
    return reached
}

/// Module names after `import`, whatever stands before it: access level, attributes, a kind such as `struct`.
private func importedModules(in source: String) -> Set<String> {
    Set(source.split(separator: "\n").compactMap { line -> String? in
        let words = line.split(separator: " ")
        guard let at = words.firstIndex(of: "import"), at <= 2, words[..<at].allSatisfy({ isModifier($0) }) else { return nil }
        let rest = words[(at + 1)...]
        guard let first = rest.first else { return nil }
        let named = ["struct", "class", "enum", "func", "protocol", "var", "let", "typealias"].contains(first) ? rest.dropFirst().first : first
        return named.map { String($0.prefix { $0 != "." && $0 != ";" }) }
    })
}

private func isModifier(_ word: Substring) -> Bool {
    word.hasPrefix("@") || ["public", "package", "internal", "fileprivate", "private"].contains(word)
}

/// The names between the brackets of one target's `dependencies:` in Package.swift.
private func declaredDependencies(of target: String) throws -> Set<String> {
    let manifest = try Project.text("Package.swift")
    guard let start = manifest.range(of: "arget(name: \"\(target)\"") else { return ["\(target) is not in Package.swift"] }
    let entry = manifest[start.upperBound...]
    let end = entry.range(of: "\n        .")?.lowerBound ?? entry.endIndex
    guard let list = entry[..<end].range(of: "dependencies: [") else { return [] }
    let body = entry[list.upperBound..<end].replacing(/package: "[^"]*"/, with: "")
    return Set(body.matches(of: /"([A-Za-z]+)"/).map { String($0.1) })
}
