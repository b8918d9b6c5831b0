import Foundation
import Testing

/// How many rows each part of the trainer's specification has.
private let specified = ["D": 10, "M": 12, "A": 6, "L": 6, "O": 9, "R": 17, "E": 4, "V": 9]

@Suite("The trainer's coverage") struct CoverageTests {
    @Test("every row stands in the table, once") func rows() throws {
        let expected = specified.flatMap { letter, count in (1...count).map { "\(letter)\($0)" } }

        #expect(try table().map(\.row).sorted() == expected.sorted())
    }

    @Test("every row names tests that exist") func tests() throws {
        let titles = try Set(Project.files(below: "Tests", ending: ".swift").flatMap { file in
            try Project.text(file).matches(of: /@Test\(\s*"((?:[^"\\]|\\.)*)"/).map { String($0.1) }
        })
        for (row, named) in try table() {
            #expect(!named.isEmpty, "\(row) names no test")
            for title in named { #expect(titles.contains(title), "\(row) is said to be proven by \"\(title)\", which no test is called") }
        }
    }

    private func table() throws -> [(row: String, tests: [String])] {
        try Project.text("docs/trainer-coverage.md").split(separator: "\n").compactMap { line in
            guard let match = line.wholeMatch(of: /\| ([A-Z]\d+) \|.*\| (.*) \|/) else { return nil }
            return (String(match.1), match.2.matches(of: /"([^"]+)"/).map { String($0.1) })
        }
    }
}
