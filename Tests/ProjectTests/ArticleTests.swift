import Foundation
import Testing

@Suite("The client's articles") struct ArticleTests {
    private let folder = "Sources/Track/Track.docc"

    @Test("show only code that is compiled and run") func snippets() throws {
        let sources = try (Project.files(below: "Examples/ClientOnly/Sources", ending: ".swift") + ["Tests/TrackTests/ArticleSnippets.swift"])
            .map { try normalized(Project.text($0)) }
        let blocks = try Project.files(below: folder, ending: ".md").flatMap { file in
            try Project.blocks(of: "swift", in: Project.text(file)).map { (file, $0) }
        }

        #expect(blocks.count >= 15)
        for (file, block) in blocks {
            #expect(sources.contains { $0.contains(normalized(block)) }, "\(file) shows code that is compiled nowhere:\n\(block)")
        }
    }

    @Test("are all listed on the landing page, which lists no other") func listed() throws {
        let articles = Set(Project.files(below: folder, ending: ".md").map { String($0.dropFirst(folder.count + 1).dropLast(3)) }).subtracting(["Track"])
        let listed = Set(try Project.text(folder + "/Track.md").matches(of: /<doc:(\w+)>/).map { String($0.1) })

        #expect(articles == listed)
    }

    @Test("speak only of symbols that there are") func symbols() throws {
        let sources = try Project.files(below: "Sources/Track", ending: ".swift").map { try Project.text($0) }.joined()
        for file in Project.files(below: folder, ending: ".md") {
            for match in try Project.text(file).matches(of: /``([A-Za-z]+)(?:\/([A-Za-z]+)[^`]*)?``/) where match.1 != "Track" {
                for name in [match.1, match.2].compactMap(\.self) {
                    #expect(sources.contains(try Regex("(class|struct|enum|protocol|func|var|let|case) \(name)\\b")), "\(file) names \(name)")
                }
            }
        }
    }

    @Test("every setting of the client stands in docs/client.md, and no other does") func settings() throws {
        let sources = try Project.files(below: "Sources/Track/Settings", ending: ".swift").map { try Project.text($0) }.joined()
        let known = Set(sources.matches(of: /"(TRACK_[A-Z_]+)"/).map { String($0.1) }).subtracting(["TRACK_LAUNCH"])
        let described = Set(try Project.text("docs/client.md").matches(of: /\n\| `(TRACK_[A-Z_]+)`/).map { String($0.1) })

        #expect(described == known)
    }

    private func normalized(_ code: String) -> String {
        code.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
