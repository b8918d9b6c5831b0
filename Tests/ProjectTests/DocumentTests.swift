import Foundation
import Testing

@Suite("The project's words") struct DocumentTests {
    @Test("the program in the README is the one that is built and run") func readme() throws {
        let shown = Project.blocks(of: "swift", in: try Project.text("README.md"))
        let sources = try ["Examples/Digits", "Examples/ClientOnly/Sources"]
            .flatMap { Project.files(below: $0, ending: ".swift") }
            .map { try normalized(Project.text($0)) }

        #expect(!shown.isEmpty)
        for block in shown {
            #expect(sources.contains { $0.contains(normalized(block)) }, "README shows code that no example holds:\n\(block)")
        }
    }

    @Test("every relative link of every document leads somewhere") func links() throws {
        let documents = ["README.md", "CHANGELOG.md"] + Project.files(below: "docs", ending: ".md")
        for document in documents {
            let folder = Project.root.appending(path: document).deletingLastPathComponent()
            for match in try Project.text(document).matches(of: /\]\((?<target>[^)#\s]+)/) where !match.target.contains("://") {
                let target = folder.appending(path: String(match.target))
                #expect(FileManager.default.fileExists(atPath: target.path), "\(document) links to \(match.target)")
            }
        }
    }

    @Test("every binary format that is written has a drawing") func formats() throws {
        let drawn = Project.files(below: "docs/formats", ending: ".md")

        for format in ["batch", "series"] { #expect(drawn.contains("docs/formats/\(format).md")) }
    }

    @Test("the changelog has a place for what comes next") func changelog() throws {
        #expect(try Project.text("CHANGELOG.md").contains("## Unreleased") || Project.text("CHANGELOG.md").contains(/## \d+\.\d+\.\d+/))
    }

    private func normalized(_ code: String) -> String {
        code.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
