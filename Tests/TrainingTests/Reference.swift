import Foundation

/// What PyTorch and scikit-learn computed, as `Tests/Reference/training_reference.py` wrote it.
struct Reference: Decodable {
    struct Optimizer: Decodable { let name: String, shapes: [[Int]], start: [[Float]], gradients: [[[Float]?]], after: [[[Float]]] }
    struct Plateau: Decodable { let name: String, metrics: [String], rates: [Double], settings: [String: String] }
    struct Classification: Decodable {
        let name: String, classes: Int, actual: [Int], predicted: [Int], accuracy: Double, scores: [String: [Double]]
    }
    struct Curve: Decodable { let name: String, truth: [Bool], scores: [Double], auc: Double, ap: Double, fpr: [Double], tpr: [Double] }
    struct Regression: Decodable { let actual: [Double], predicted: [Double], mae: Double, mse: Double, r2: Double }
    struct Query: Decodable { let relevance: [Double], scores: [Double] }
    struct Ranking: Decodable { let queries: [Query], ndcg: Double, ndcg5: Double, map: Double }
    struct Linear: Decodable { let start: [Float], losses: [Double], end: [Float], usual: Bool }
    struct Clipping: Decodable { let before: [[Float]], norm: Double, after: [[Float]] }
    struct Weights: Decodable { let x: [Float], y: [Float] }
    struct Statistics: Decodable { let values: [Float], mean: [Float], deviation: [Float] }

    let optimizers: [Optimizer], schedules: [String: [Double]], plateaus: [Plateau], classification: [Classification], curves: [Curve]
    let savedModel: Weights
    let regression: Regression, ranking: Ranking, linearRegression: Linear, clipping: Clipping, statistics: Statistics, weights: Weights, fixture: [String: [Float]]

    /// The folder of the reference, from the environment; where there is none, tests that need it are left out, loudly.
    static let folder = ProcessInfo.processInfo.environment["TRACK_REFERENCE_DIR"].flatMap { $0.isEmpty ? nil : $0 }

    static let isPresent: Bool = {
        if folder != nil { return true }
        FileHandle.standardError.write(Data("""

            *** NOT COMPARED WITH PYTORCH AND SCIKIT-LEARN: TRACK_REFERENCE_DIR is not set. ***
            *** Run Tests/Reference/make_reference.py FOLDER with both installed, then set it to that folder. ***


            """.utf8))
        return false
    }()

    static func read() throws -> Reference {
        try JSONDecoder().decode(Reference.self, from: Data(contentsOf: URL(filePath: folder!).appending(path: "training.json")))
    }
}

/// The greatest |a − b| ÷ max(|b|, floor): relative, but not for numbers near 0.
func worstError(_ a: [Double], _ b: [Double], floor: Double = 1e-3) -> Double {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) / max(abs($1), floor) }.max() ?? 0 : .infinity
}

func worstError(_ a: [Float], _ b: [Float], floor: Double = 1e-3) -> Double {
    worstError(a.map(Double.init), b.map(Double.init), floor: floor)
}
