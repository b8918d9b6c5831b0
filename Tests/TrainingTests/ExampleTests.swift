import Foundation
import Tensors
import Testing
@testable import TrainingExamples

@Suite("Examples", .serialized) struct ExampleTests {
    private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test("linear regression finds the line") func line() throws {
        var lines: [String] = []
        let (weight, bias) = try withRandomSeed(0) { try linearRegression(epochs: 1000) { lines.append($0) } }

        #expect(abs(weight - 2) < 0.01 && abs(bias - 1) < 0.05 && lines.count == 10 && lines[0].hasPrefix("epochs 100, loss "))
    }

    @Test("the plain loop learns") func plain() throws {
        let accuracy = try withRandomSeed(0) { try plainLoop(epochs: 8, write: { _ in }) }

        #expect(accuracy > 0.6)
    }

    @Test("digits resumed from a checkpoint end where the whole run ends, above 90 %") func digits() throws {
        try withTemporaryFolder { folder in
            let result = try withRandomSeed(0) {
                try digitsWithResume(data: root.appending(path: "Examples/Digits/Data/digits.csv").path, folder: folder, epochs: 8, write: { _ in })
            }

            #expect(result.whole == result.resumed && result.whole > 0.9, "\(result)")
        }
    }

    @Test("a new head on a frozen backbone learns the new question") func transfer() throws {
        var text = ""
        let result = try withRandomSeed(0) { try transferLearning { text += $0 + "\n" } }

        #expect(result.accuracy > 0.7 && result.backboneStayed)
        #expect(text.contains("Trainable params: 66"))
    }

    @Test("accumulated gradients are those of the large batch") func accumulation() throws {
        let difference = try withRandomSeed(0) { try accumulatedGradients(epochs: 1, write: { _ in }) }

        #expect(difference < 1e-6)
    }

    @Test("every example says the same with 1, 2 and 4 threads, digit for digit") func threads() throws {
        let digits = try String(contentsOf: root.appending(path: "Examples/Digits/Data/digits.csv"), encoding: .utf8).split(separator: "\n").prefix(240)
        func said(_ threads: Int) throws -> [String] {
            Compute.threads = threads
            var lines: [String] = []
            func write(_ line: String) { lines.append(line) }
            try withTemporaryFolder { folder in
                try digits.joined(separator: "\n").write(toFile: folder + "/digits.csv", atomically: true, encoding: .utf8)
                let results: [Any] = try withRandomSeed(0) {
                    [
                        try linearRegression(epochs: 20, write: write), try plainLoop(epochs: 1, write: write),
                        try digitsWithResume(data: folder + "/digits.csv", folder: folder, epochs: 4, write: write),
                        try transferLearning(epochs: 1, write: write), try accumulatedGradients(epochs: 1, write: write),
                        try customCallback(epochs: 1, write: write), try customDataset(epochs: 1, write: write),
                        try endToEnd(size: 12, count: 100, epochs: 2, folder: folder, write: write),
                    ]
                }
                lines.append("\(results)")
            }
            return lines
        }
        let before = Compute.threads
        defer { Compute.threads = before }

        let one = try said(1)
        #expect(one.count > 30 && one.contains { $0.contains("rates tried") })
        #expect(try said(2) == one && said(4) == one)
    }

    @Test("custom callback and custom data set do what they say") func custom() throws {
        let (batches, accuracy) = try withRandomSeed(0) {
            (try customCallback(epochs: 1, write: { _ in }), try customDataset(epochs: 10, write: { _ in }))
        }

        #expect(batches == 3 && accuracy > 0.85)
    }

    @Test("the same project learns to tell real photographs apart", .enabled(if: Reference.isPresent, "TRACK_REFERENCE_DIR is not set: no photographs"))
    func photographs() throws {
        try withTemporaryFolder { folder in
            let all = try Photographs(Reference.folder! + "/photographs.bin", shrink: 4)
            let (train, valid) = all.split(training: 350, validating: 140)
            let result = try withRandomSeed(0) { try endToEnd(train, valid, size: 16, classes: 7, epochs: 4, folder: folder, write: { _ in }) }

            #expect(all.count == 1750 && result.resumedIsSame && result.finderPoints > 60)
            #expect(result.validAccuracies[0] > 1.0 / 7 && result.validAccuracies.last! > max(0.5, result.validAccuracies[0]), "\(result.validAccuracies)")
        }
    }

    @Test("a whole project runs from the first batch to the tuned head") func whole() throws {
        try withTemporaryFolder { folder in
            let result = try withRandomSeed(0) { try endToEnd(size: 16, count: 240, epochs: 5, folder: folder, write: { _ in }) }

            #expect(result.finderPoints > 60 && result.resumedIsSame)
            #expect(result.validAccuracies.count == 5 && result.validAccuracies.last! > result.validAccuracies[0])
            #expect(result.headAccuracy > 0.3 && result.summary.contains("Non-trainable params"), "\(result)")
        }
    }
}
