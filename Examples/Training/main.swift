let examples: [(name: String, what: String, run: () throws -> Void)] = [
    ("linear-regression", "a line through eleven points", { _ = try linearRegression() }),
    ("plain-loop", "training without a learner", { _ = try plainLoop() }),
    ("digits-resume", "rate finder, one cycle, early stopping, checkpoint and resume", { _ = try digitsWithResume() }),
    ("transfer", "a trained backbone, a new head", { _ = try transferLearning() }),
    ("accumulation", "one step for four batches", { _ = try accumulatedGradients() }),
    ("custom-callback", "a hook of your own", { _ = try customCallback() }),
    ("custom-dataset", "data of your own", { _ = try customDataset() }),
    ("end-to-end", "a whole project on colour pictures", { _ = try endToEnd() }),
    ("photographs", "the same on patches of photographs: photographs FILE", {
        let (train, valid) = try Photographs(CommandLine.arguments.last!).split(training: 1_400, validating: 350)
        _ = try endToEnd(train, valid, size: 64, classes: 7, epochs: 8, folder: "saved") { print($0) }
    }),
]

if let name = CommandLine.arguments.dropFirst().first, let example = examples.first(where: { $0.name == name }) {
    try example.run()
} else {
    print("Usage: training-examples NAME\n")
    for example in examples { print("  \(example.name.padding(20))\(example.what)") }
}

extension String {
    func padding(_ width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
